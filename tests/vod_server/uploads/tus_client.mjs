// Drives the vendored tus-js-client as a browser would: upload, break off, resume from the URL.
// Usage: node tus_client.mjs <tus.min.js> <endpoint> <file> <abort after bytes, 0 never>
import fs from "node:fs";
import http from "node:http";
import vm from "node:vm";

const [library, endpoint, file, abortAfter] = process.argv.slice(2);

// The browser's build speaks XMLHttpRequest and Blob; this is the little of them that it uses.
class Request {
  constructor() {
    this.headers = {};
    this.upload = {};
    this.status = 0;
    this.responseText = "";
  }

  open(method, url) {
    this.method = method;
    this.url = url;
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  getResponseHeader(name) {
    return (this.reply && this.reply.headers[name.toLowerCase()]) || null;
  }

  send(body) {
    const bytes = body ? body.bytes : Buffer.alloc(0);
    const length = { "Content-Length": String(bytes.length) };
    this.request = http.request(this.url, {
      method: this.method,
      headers: Object.assign({}, this.headers, length),
    });
    this.request.on("error", (error) => this.onerror && this.onerror(error));
    this.request.on("response", (reply) => this.#receive(reply));
    this.#feed(bytes, 0);
  }

  #feed(bytes, start) {
    if (this.aborted) return;
    if (this.upload.onprogress && bytes.length) {
      this.upload.onprogress({ lengthComputable: true, loaded: start, total: bytes.length });
    }
    if (this.aborted) return;
    if (start >= bytes.length) {
      this.request.end();
      return;
    }
    const end = Math.min(start + 262144, bytes.length);
    this.request.write(bytes.subarray(start, end), () => this.#feed(bytes, end));
  }

  #receive(reply) {
    const parts = [];
    reply.on("data", (part) => parts.push(part));
    reply.on("end", () => {
      this.reply = reply;
      this.status = reply.statusCode;
      this.responseText = Buffer.concat(parts).toString();
      if (!this.aborted) this.onload();
    });
  }

  abort() {
    this.aborted = true;
    if (this.request) this.request.destroy();
  }
}

class FileBlob {
  constructor(bytes) {
    this.bytes = bytes;
    this.size = bytes.length;
    this.name = "春耕.mp4";
    this.type = "video/mp4";
    this.lastModified = 1;
  }

  slice(start, end) {
    return new FileBlob(this.bytes.subarray(start, end));
  }
}

const stored = new Map();
const localStorage = {
  get length() { return stored.size; },
  key: (index) => [...stored.keys()][index],
  getItem: (key) => (stored.has(key) ? stored.get(key) : null),
  setItem: (key, value) => stored.set(key, value),
  removeItem: (key) => stored.delete(key),
};

const browser = {
  XMLHttpRequest: Request, Blob: FileBlob, File: FileBlob, localStorage, console, setTimeout,
  clearTimeout, URL, TextEncoder, btoa, navigator: { product: "" }, location: { href: endpoint },
};
browser.window = browser.self = browser;
vm.runInNewContext(fs.readFileSync(library, "utf8"), browser);
const tus = browser.tus;

const blob = new FileBlob(fs.readFileSync(file));
const seen = { requests: [], resumedAt: null, url: null };
const settings = {
  endpoint,
  retryDelays: [0, 100, 300, 1000],
  metadata: { filename: blob.name, filetype: blob.type },
  onAfterResponse: (request, reply) => {
    seen.requests.push([request.getMethod(), reply.getStatus()]);
  },
};

function run(options, prepare) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(blob, Object.assign({}, settings, options(() => upload), {
      onSuccess: () => resolve(upload),
      onError: reject,
    }));
    prepare(upload, resolve);
  });
}

// What was sent is still on its way through the sockets when the client goes away.
async function settled(url) {
  for (let tries = 0, before = -1; tries < 100; tries += 1) {
    const now = await offset(url);
    if (now > 0 && now === before) return;
    before = now;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
  }
  throw new Error("the server never came to rest");
}

function offset(url) {
  return new Promise((resolve, reject) => {
    const headers = { "Tus-Resumable": "1.0.0" };
    const request = http.request(url, { method: "HEAD", headers }, (reply) => {
      reply.resume();
      resolve(Number(reply.headers["upload-offset"]));
    });
    request.on("error", reject);
    request.end();
  });
}

const limit = Number(abortAfter);
if (limit) {
  await new Promise((resolve, reject) => {
    const upload = new tus.Upload(blob, Object.assign({}, settings, {
      onError: reject,
      onSuccess: () => reject(new Error("it was to be broken off")),
      onProgress: (sent) => {
        if (sent >= limit) upload.abort().then(() => resolve(upload.url));
      },
    }));
    upload.start();
  }).then(settled);
}
const done = await run(
  () => ({
    onProgress: (sent) => {
      if (limit && seen.resumedAt === null && sent > 0) seen.resumedAt = sent;
    },
  }),
  (upload) => {
    upload.findPreviousUploads().then((previous) => {
      if (limit && previous.length !== 1) throw new Error("the first try was not remembered");
      if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    });
  },
);
seen.url = done.url;
console.log(JSON.stringify(seen));
