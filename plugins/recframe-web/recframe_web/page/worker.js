/** Keeps the folder's files for use without a network. The exporter puts a hash of all of them in place of VERSION. */

const CACHE = "recframe VERSION";
const HERE = new URL("./", self.location);
/** Of the two builds of LiteRT, the one that this browser runs. */
const RUNTIME = new URL(self.location).searchParams.get("runtime");
const BUILD = /^litert\/litert_wasm_.*internal\.(js|wasm)$/;

async function keepAll() {
  // Asking the server, which says "not modified" of what the page has fetched already.
  const fresh = (path) => new Request(new URL(path, HERE), { cache: "no-cache" });
  const files = Object.keys(await (await fetch(fresh("files.json"))).json());
  const wanted = files.filter((path) => !BUILD.test(path) || path.startsWith(`litert/${RUNTIME}.`));
  const cache = await caches.open(CACHE);
  await cache.addAll(["files.json", ...wanted].map(fresh));
}

async function forgetOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith("recframe ") && name !== CACHE);
  await Promise.all(names.map(async (name) => (await holdsThisFolder(name)) && caches.delete(name)));
}

/** Other pages of this origin have caches of their own. */
async function holdsThisFolder(name) {
  return (await (await caches.open(name)).match(new URL("files.json", HERE))) !== undefined;
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const url = new URL(request.url);
  const path = url.href.split(/[?#]/)[0];
  const kept = await cache.match(path === HERE.href ? new URL("index.html", HERE) : path);
  return kept ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keepAll().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(HERE.href)) event.respondWith(answer(request));
});
