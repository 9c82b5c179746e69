// The form that corrects a case's place: estate and unit by type-ahead.

import { places } from "./places.js";

places(document.querySelector("#place-form"), JSON.parse(document.querySelector("#words").textContent));
