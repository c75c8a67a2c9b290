// @ts-check
// Drafts at rest: sealed by AES-GCM under a key that the browser does not hand out, one for each session. What another
// session sealed is wiped when the vault is opened.

const NAME = "vunglam-drafts";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) => new Promise((ok, no) => ((request.onsuccess = () => ok(request.result)), (request.onerror = () => no(request.error))));

/** @returns {Promise<IDBDatabase>} */
function base() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("keys");
    request.result.createObjectStore("drafts");
  };
  return done(request);
}

/** @param {IDBTransaction} tx @returns {Promise<void>} */
const kept = (tx) => new Promise((ok, no) => ((tx.oncomplete = () => ok()), (tx.onabort = tx.onerror = () => no(tx.error))));

/** Removes every draft and every key. */
export async function wipe() {
  const db = await base();
  const tx = db.transaction(["keys", "drafts"], "readwrite");
  tx.objectStore("keys").clear();
  tx.objectStore("drafts").clear();
  await kept(tx);
  db.close();
}

/** Makes the key of a session, unless another window was quicker. @param {IDBDatabase} db @param {string} session @returns {Promise<CryptoKey>} */
async function begin(db, session) {
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const tx = db.transaction(["keys", "drafts"], "readwrite");
  const keys = tx.objectStore("keys");
  const other = await done(keys.get(session));
  if (!other) {
    keys.clear();
    tx.objectStore("drafts").clear();
    keys.add(fresh, session);
  }
  await kept(tx);
  return other ?? fresh;
}

/**
 * Opens the drafts of a session.
 * @param {string} session
 */
export async function openVault(session) {
  const db = await base();
  const sealing = (await done(db.transaction("keys").objectStore("keys").get(session))) ?? (await begin(db, session));
  /** @param {string} name */
  const additional = (name) => new TextEncoder().encode(`${session}\n${name}`);
  return {
    /** Keeps a draft; done when it is on disk. @param {string} name @param {unknown} value */
    async put(name, value) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const text = new TextEncoder().encode(JSON.stringify(value));
      const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: additional(name) }, sealing, text);
      const tx = db.transaction("drafts", "readwrite");
      tx.objectStore("drafts").put({ iv, sealed }, name);
      await kept(tx);
    },
    /** Returns a draft, or nothing if there is none or it cannot be opened. @param {string} name @returns {Promise<any>} */
    async get(name) {
      const row = await done(db.transaction("drafts").objectStore("drafts").get(name));
      if (!row) return null;
      try {
        const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv, additionalData: additional(name) }, sealing, row.sealed);
        return JSON.parse(new TextDecoder().decode(text));
      } catch {
        return null;
      }
    },
    /** Forgets a draft. @param {string} name */
    async drop(name) {
      const tx = db.transaction("drafts", "readwrite");
      tx.objectStore("drafts").delete(name);
      await kept(tx);
    },
    close: () => db.close(),
  };
}
