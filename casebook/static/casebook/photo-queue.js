// Photos on their way: shown at once, kept on the device, sent one by one with progress, retried on a tap or when back on line.

import { erasePhoto, readPhotos, writePhoto } from "../cms/draft-store.js";
import { newId } from "../cms/ids.js";

export class PhotoQueue {
  constructor(form, grid, { user, key, words, changed, placed }) {
    Object.assign(this, { form, grid, user, key, words, changed, placed });
    this.waiting = new Map();
    this.unusable = new Map(); // shown with the reason until a person removes them, on this page and on the next
    this.unkept = false; // is there a photo that only this page has, not the device?
    this.sending = null;
    grid.addEventListener("click", (event) => {
      const tile = event.target.closest(".photo");
      if (event.target.closest(".remove")) this.remove(tile);
      else if (event.target.closest("[data-retry]")) this.retry(tile.dataset.photo);
    });
  }

  async restore() {
    let photos = [];
    try { photos = await readPhotos(this.user, this.key); } catch { this.unkept = true; }
    photos.sort((a, b) => a.at - b.at).forEach((photo) => this.show(photo));
    return photos.length;
  }

  async add(files) {
    for (const file of files) {
      const photo = { id: newId(), name: file.name || "photo.jpg", blob: file, at: performance.timeOrigin + performance.now() };
      if (file.size > Number(this.form.dataset.maxBytes)) photo.error = this.words.tooBig;
      this.show(photo);
      await this.keep(photo.error ? this.bare(photo) : photo);
    }
    this.changed();
    this.send();
  }

  bare({ id, name, at, error }) { return { id, name, at, error }; }

  async keep(photo) {
    try { await writePhoto(this.user, this.key, photo); } catch { this.unkept = true; }
  }

  async forget(id) {
    try { await erasePhoto(this.user, this.key, id); } catch { this.unkept = true; }
  }

  show(photo) {
    const tile = document.createElement("div");
    tile.className = "photo";
    tile.dataset.photo = photo.id;
    const image = document.createElement("img");
    image.alt = photo.name;
    if (photo.thumb || photo.blob) image.src = photo.thumb || URL.createObjectURL(photo.blob);
    image.onerror = () => { image.removeAttribute("src"); image.alt = ""; image.hidden = true; };
    image.onload = () => { image.hidden = false; }; // HEIC, once the server's thumbnail is there
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "remove";
    remove.setAttribute("aria-label", this.words.remove);
    const progress = document.createElement("div");
    progress.className = "progress";
    tile.append(image, remove, progress);
    this.grid.insertBefore(tile, this.grid.querySelector(".add-photo"));
    if (photo.sent) this.settle(tile, photo);
    else if (photo.error) this.refuse(tile, photo);
    else { this.waiting.set(photo.id, photo); this.say(tile, this.words.queued); }
  }

  tile(id) { return this.grid.querySelector(`[data-photo="${id}"]`); }
  say(tile, text) { tile.querySelector(".progress").textContent = text; }

  settle(tile, photo) {
    tile.classList.remove("failed");
    tile.querySelector(".progress").remove();
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "photo", value: photo.id });
    tile.append(field);
  }

  fail(tile, text, again = true) {
    tile.classList.add("failed");
    this.say(tile, text);
    if (!again) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: this.words.retry });
    button.dataset.retry = "";
    tile.querySelector(".progress").append(" ", button);
  }

  refuse(tile, photo) {
    this.waiting.delete(photo.id);
    this.unusable.set(photo.id, photo);
    tile.id = `photo-${photo.id}`;
    const named = photo.error.includes(photo.name) ? photo.error : `${photo.name}：${photo.error}`;
    this.fail(tile, named, false);
  }

  // Those that cannot be used stay on the screen of the page that comes next: nothing vanishes without a word.
  async hand(key) {
    for (const photo of this.unusable.values()) {
      try { await writePhoto(this.user, key, this.bare(photo)); } catch { this.unkept = true; }
    }
  }

  async remove(tile) {
    this.waiting.delete(tile.dataset.photo);
    this.unusable.delete(tile.dataset.photo);
    await this.forget(tile.dataset.photo);
    tile.remove();
    this.changed();
  }

  retry(id) {
    const photo = this.waiting.get(id);
    if (photo) { delete photo.error; this.send(); }
  }

  pending() { return this.waiting.size; }
  refused() { return [...this.unusable.values()]; }

  // One pass at a time. What comes in during a pass, a new photo or a retry, is taken by the next one.
  send() {
    this.wanted = true;
    this.sending ||= this.passes().finally(() => { this.sending = null; });
    return this.sending;
  }

  async passes() {
    while (this.wanted) {
      this.wanted = false;
      await this.sendAll();
    }
  }

  async sendAll() {
    for (const photo of [...this.waiting.values()]) {
      if (!navigator.onLine || !this.placed()) return;
      if (!this.waiting.has(photo.id)) continue;
      await this.sendOne(photo);
      this.changed();
    }
  }

  async sendOne(photo) {
    const tile = this.tile(photo.id);
    const answer = await this.post(photo, (share) => this.say(tile, `${Math.round(share * 100)}%`));
    if (!this.waiting.has(photo.id)) return;
    if (answer.status === 200 && "thumb" in answer.body) { // not the login page, to which a request was led on
      this.waiting.delete(photo.id);
      photo.sent = true;
      if (!this.grid.querySelector(`[data-photo="${photo.id}"] img[src]`)) tile.querySelector("img").src = answer.body.thumb;
      photo.thumb = answer.body.thumb;
      await this.keep({ id: photo.id, name: photo.name, at: photo.at, sent: true, thumb: photo.thumb });
      this.settle(tile, photo);
      if (answer.body.note) tile.title = answer.body.note;
    } else if (answer.status === 422 && !answer.body.later || answer.status === 413) {
      photo.error = answer.body.error || this.words.tooBig;
      this.refuse(tile, photo);
      await this.keep(this.bare(photo));
    } else {
      this.fail(tile, answer.body.error || this.words.notSent);
      if (answer.status === 503) setTimeout(() => this.retry(photo.id), 1000 * answer.later);
    }
  }

  post(photo, progress) {
    const data = new FormData();
    const value = (name) => this.form.elements[name]?.value || "";
    Object.entries({ client_id: photo.id, estate: value("estate"), unit_text: value("unit_text"), record_date: value("record_date"), slug: this.form.dataset.case })
      .forEach(([name, text]) => data.append(name, text));
    data.append("file", photo.blob, photo.name);
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.form.dataset.photos);
      request.responseType = "json";
      request.timeout = 120000;
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", this.form.elements.csrfmiddlewaretoken.value);
      request.upload.onprogress = (event) => progress(event.loaded / event.total);
      request.onload = () => resolve({ status: request.status, body: request.response || {}, later: Number(request.getResponseHeader("Retry-After")) || 15 });
      request.onerror = request.ontimeout = () => resolve({ status: 0, body: {} });
      request.send(data);
    });
  }
}
