// What a person has entered and the server does not have yet, kept on this device, per user, for seven days.

const DATABASE = "anjuan";
const WEEK = 7 * 24 * 3600 * 1000;

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drafts");
      request.result.createObjectStore("photos");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(store, mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request && request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

const range = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
const mine = (user) => range(`${user}/`);

export async function readDraft(user, form) {
  const draft = await run("drafts", "readonly", (s) => s.get(`${user}/${form}`));
  if (draft && Date.now() - draft.savedAt > WEEK) {
    await eraseDraft(user, form);
    return undefined;
  }
  return draft;
}

export const writeDraft = (user, form, draft) =>
  run("drafts", "readwrite", (s) => s.put({ ...draft, savedAt: Date.now() }, `${user}/${form}`));

export const readPhotos = (user, form) =>
  run("photos", "readonly", (s) => s.getAll(range(`${user}/${form}/`)));

export const writePhoto = (user, form, photo) =>
  run("photos", "readwrite", (s) => s.put(photo, `${user}/${form}/${photo.id}`));

export const erasePhoto = (user, form, id) =>
  run("photos", "readwrite", (s) => s.delete(`${user}/${form}/${id}`));

export async function eraseDraft(user, form) {
  await run("drafts", "readwrite", (s) => s.delete(`${user}/${form}`));
  await run("photos", "readwrite", (s) => s.delete(range(`${user}/${form}/`)));
}

export const countDrafts = (user) => run("drafts", "readonly", (s) => s.count(mine(user)));

export async function eraseAll(user) {
  await run("drafts", "readwrite", (s) => s.delete(mine(user)));
  await run("photos", "readwrite", (s) => s.delete(mine(user)));
}

export async function eraseOld(user) {
  const drafts = await run("drafts", "readonly", (s) => s.getAllKeys(mine(user)));
  await Promise.all(drafts.map((key) => readDraft(user, key.slice(`${user}/`.length))));
}
