// Boxes over a photo: drawn with a pointer, or added and moved by keys. The form carries them as parts of the whole.
const canvas = document.querySelector("#canvas");
const field = document.querySelector("#boxes");
const list = document.querySelector("#box-list");
const STEP = 0.01;
const LEAST = 0.01;
let boxes = JSON.parse(field.value || "[]");

const within = (value, low, high) => Math.min(Math.max(value, low), high);
const round = (value) => Math.round(value * 10000) / 10000;

function keep() {
  field.value = JSON.stringify(boxes.map((box) => box.map(round)));
}

function place(element, [left, top, width, height]) {
  Object.assign(element.style, {
    left: `${left * 100}%`, top: `${top * 100}%`, width: `${width * 100}%`, height: `${height * 100}%`,
  });
}

function show(focused = -1) {
  canvas.querySelectorAll(".blur-box").forEach((one) => one.remove());
  list.replaceChildren();
  boxes.forEach((box, index) => {
    const shown = document.createElement("button");
    shown.type = "button";
    shown.className = "blur-box";
    shown.setAttribute("aria-label", `${list.dataset.box} ${index + 1}`);
    place(shown, box);
    shown.addEventListener("keydown", (event) => moveByKey(event, index));
    canvas.append(shown);
    if (index === focused) shown.focus();
    const line = document.createElement("li");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "button";
    remove.textContent = `${list.dataset.remove} ${index + 1}`;
    remove.addEventListener("click", () => take(index));
    line.append(remove);
    list.append(line);
  });
  keep();
}

function take(index) {
  boxes.splice(index, 1);
  show();
}

function moveByKey(event, index) {
  const steps = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    take(index);
    return;
  }
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  let [left, top, width, height] = boxes[index];
  if (event.shiftKey) {
    width = within(width + step[0], LEAST, 1 - left);
    height = within(height + step[1], LEAST, 1 - top);
  } else {
    left = within(left + step[0], 0, 1 - width);
    top = within(top + step[1], 0, 1 - height);
  }
  boxes[index] = [left, top, width, height];
  show(index);
}

function point(event) {
  const edge = canvas.getBoundingClientRect();
  return [within((event.clientX - edge.left) / edge.width, 0, 1), within((event.clientY - edge.top) / edge.height, 0, 1)];
}

let start = null;
let drawn = null;

canvas.addEventListener("pointerdown", (event) => {
  if (event.target.closest(".blur-box")) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  start = point(event);
  drawn = document.createElement("div");
  drawn.className = "blur-box";
  canvas.append(drawn);
});

canvas.addEventListener("pointermove", (event) => {
  if (start) place(drawn, between(start, point(event)));
});

canvas.addEventListener("pointerup", (event) => {
  if (!start) return;
  const box = between(start, point(event));
  start = null;
  drawn.remove();
  if (box[2] >= LEAST && box[3] >= LEAST) boxes.push(box);
  show();
});

function between([x, y], [to, down]) {
  return [Math.min(x, to), Math.min(y, down), Math.abs(x - to), Math.abs(y - down)];
}

document.querySelector("#add-box").addEventListener("click", () => {
  boxes.push([0.4, 0.4, 0.2, 0.2]);
  show(boxes.length - 1);
});

show();
