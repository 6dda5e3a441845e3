/* One file on its way to the server, by tus; it knows nothing of the page. */
"use strict";
(function () {
  const CHUNK_BYTES = 8 * 1024 * 1024;
  /* A village's line may be away for an hour; the sender need not stay awake for it. */
  const RETRY_MS = [0, 1000, 3000, 5000, 10000, 20000].concat(new Array(120).fill(30000));
  const SPEED_WINDOW_MS = 5000;
  const FINGERPRINT_LENGTH = 200;

  /* Marks a file: the same name, size and time of change is taken for the same bytes. */
  function fingerprint(file) {
    const text = file.size + "-" + file.lastModified + "-" + file.name;
    return Array.from(text).slice(0, FINGERPRINT_LENGTH).join("");
  }

  /* states: waiting → sending → done; paused and failed may go on; gone is over. */
  class Transfer {
    constructor(site, onChange) {
      this.site = site;
      this.onChange = onChange;
      this.state = "waiting";
      this.file = null;
      this.url = null;
      this.fault = "";
      this.note = "";
      this.mayGoOn = true;
      this.done = 0;
      this.samples = [];
    }

    /* From an upload the server has part of; its file has to be chosen again. */
    static known(site, item, onChange) {
      const transfer = new Transfer(site, onChange);
      transfer.name = item.file_name;
      transfer.total = item.length_bytes;
      transfer.mark = item.fingerprint;
      transfer.follow(item);
      transfer.state = "paused";
      return transfer;
    }

    static fresh(site, file, onChange) {
      const transfer = new Transfer(site, onChange);
      transfer.take(file);
      return transfer;
    }

    take(file) {
      this.file = file;
      this.name = file.name;
      this.total = file.size;
      this.mark = fingerprint(file);
      this.state = "waiting";
      this.fault = this.note = "";
    }

    /* What the server says it has. */
    follow(item) {
      this.url = item.url;
      this.done = item.offset_bytes;
    }

    start() {
      this.state = "sending";
      this.fault = this.note = "";
      this.samples = [];
      this.upload = new window.tus.Upload(this.file, {
        endpoint: this.site.endpoint,
        uploadUrl: this.url,
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_MS,
        /* The server's own list of open uploads is what is resumed from, in any browser. */
        storeFingerprintForResuming: false,
        metadata: { filename: this.name, fingerprint: this.mark },
        onBeforeRequest: (request) => request.setHeader("X-CSRFToken", this.site.token),
        onUploadUrlAvailable: () => (this.url = this.upload.url),
        onProgress: (sent) => this.progress(sent),
        onShouldRetry: (error) => this.shouldRetry(error),
        onError: (error) => this.failed(error),
        onSuccess: () => this.move("done"),
      });
      this.upload.start();
      this.onChange(this);
    }

    pause() {
      if (this.upload) this.upload.abort();
      this.move("paused");
    }

    /* Stop, and let the server forget what it has. */
    async cancel() {
      if (this.upload) this.upload.abort();
      this.move("gone");
      if (!this.url) return;
      const reply = await fetch(this.url, {
        method: "DELETE",
        headers: { "X-CSRFToken": this.site.token, "Tus-Resumable": "1.0.0" },
      });
      if (!reply.ok && reply.status !== 404 && reply.status !== 410) {
        this.fault = detailOf(await reply.text()) || "没有取消成功，请再试一次。";
        this.move("failed");
      }
    }

    progress(sent) {
      if (this.state !== "sending") return;
      const now = Date.now();
      this.note = "";
      this.done = sent;
      this.samples.push([now, sent]);
      while (this.samples.length > 2 && now - this.samples[0][0] > SPEED_WINDOW_MS) this.samples.shift();
      this.onChange(this);
    }

    /* Bytes a second over the last moments; 0 while unknown. */
    speed() {
      const first = this.samples[0];
      const last = this.samples[this.samples.length - 1];
      if (!first || last[0] - first[0] < 500) return 0;
      return Math.max(0, ((last[1] - first[1]) * 1000) / (last[0] - first[0]));
    }

    shouldRetry(error) {
      const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
      /* 409: ask for the offset again. 423: the server still holds the line that broke. */
      const again = status === 0 || status === 409 || status === 423 || status === 460;
      const mending = status >= 500 && status !== 507;
      if (again || mending) {
        this.note = "连接中断，正在自动重试…";
        this.samples = [];
        this.onChange(this);
      }
      return again || mending;
    }

    failed(error) {
      if (this.state !== "sending") return;
      const reply = error.originalResponse;
      const status = reply ? reply.getStatus() : 0;
      this.fault = (reply && detailOf(reply.getBody())) || "连接中断，请检查网络后点“继续”。";
      const expired = Boolean(reply) && (status === 401 || parsed(reply.getBody()).type === "csrf");
      if (expired) this.fault = "登录已过期。请在新窗口登录后，回来点“继续”。";
      if (status === 404 || status === 410) this.url = null;
      this.mayGoOn = expired || ![400, 403, 413].includes(status);
      this.move("failed");
    }

    move(state) {
      this.state = state;
      this.onChange(this);
    }
  }

  function parsed(body) {
    try {
      return JSON.parse(body) || {};
    } catch {
      return {};
    }
  }

  const detailOf = (body) => parsed(body).detail || "";

  window.Cuntai.Transfer = Transfer;
  window.Cuntai.fingerprint = fingerprint;
})();
