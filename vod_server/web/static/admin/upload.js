/* The panel of uploads: rows, the queue, files dropped on the page. */
"use strict";
(function () {
  const panel = document.getElementById("uploads");
  if (!panel) return;
  const { words, Transfer, fingerprint, ask } = window.Cuntai;
  const AT_ONCE = 3;
  const maxBytes = Number(panel.dataset.maxBytes);
  const site = {
    endpoint: panel.dataset.endpoint,
    token: document.querySelector('meta[name="csrf-token"]').content,
  };
  const list = document.getElementById("upload-rows");
  const sum = document.getElementById("upload-sum");
  const input = document.getElementById("files");
  const template = document.getElementById("upload-row");
  /* transfer → its row */
  const rows = new Map();
  let choosing = null;

  /* ---- rows ---- */
  function addRow(transfer) {
    const row = template.content.firstElementChild.cloneNode(true);
    rows.set(transfer, row);
    row.addEventListener("click", function (event) {
      const button = event.target.closest("[data-do]");
      if (button) ACTIONS[button.dataset.do](transfer);
    });
    list.append(row);
    show(transfer);
  }

  function drop(transfer) {
    const row = rows.get(transfer);
    rows.delete(transfer);
    if (!row) return;
    const next = row.nextElementSibling || row.previousElementSibling;
    if (row.contains(document.activeElement)) ((next && next.querySelector("button:not([hidden])")) || input).focus();
    row.remove();
    summarise();
  }

  function show(transfer) {
    const row = rows.get(transfer);
    if (!row) return;
    row.dataset.state = transfer.state;
    row.querySelector(".upload-name").textContent = transfer.name;
    row.querySelector(".upload-size").textContent = words.size(transfer.total);
    const bar = row.querySelector("progress");
    bar.value = transfer.total ? Math.floor((1000 * transfer.done) / transfer.total) : 0;
    bar.setAttribute("aria-label", transfer.name + " 的上传进度");
    bar.hidden = transfer.state === "failed" && !transfer.mayGoOn;
    row.querySelector(".upload-words").textContent = sentence(transfer);
    const visible = buttonsFor(transfer);
    row.querySelectorAll("[data-do]").forEach((button) => (button.hidden = !visible.includes(button.dataset.do)));
  }

  function sentence(transfer) {
    const share = words.percent(transfer.done, transfer.total) + "%";
    const speed = transfer.speed();
    switch (transfer.state) {
      case "waiting":
        return transfer.done ? "排队等待，将从 " + share + " 继续" : "排队等待";
      case "sending":
        if (transfer.note) return transfer.note;
        if (transfer.done >= transfer.total) return "100% · 正在收尾";
        return [share, speed ? words.size(speed) + "/秒" : "", speed ? words.left((transfer.total - transfer.done) / speed) : ""]
          .filter(Boolean)
          .join(" · ");
      case "paused":
        if (transfer.note) return transfer.note;
        return transfer.file ? "已暂停在 " + share : "已暂停——请重新选择同一个文件，从 " + share + " 继续";
      case "done":
        return "已上传。检查和转码的进度在下面的列表里。";
      default:
        return transfer.fault;
    }
  }

  function buttonsFor(transfer) {
    switch (transfer.state) {
      case "waiting":
        return ["cancel"];
      case "sending":
        return ["pause", "cancel"];
      case "paused":
        return [transfer.file ? "resume" : "choose", "cancel"];
      case "failed":
        return transfer.mayGoOn ? ["resume", "cancel"] : ["dismiss"];
      default:
        return ["dismiss"];
    }
  }

  const ACTIONS = {
    pause: (transfer) => transfer.pause(),
    resume: async function (transfer) {
      transfer.state = "waiting";
      changed(transfer);
      await lookUp().catch(() => null);
      pump();
    },
    choose: function (transfer) {
      choosing = transfer;
      input.click();
    },
    cancel: async function (transfer) {
      const question = "取消上传“" + transfer.name + "”吗？已经传好的部分会被删除。";
      if (transfer.done > 0 && !(await ask(question, "取消上传"))) return;
      if (transfer.state === "done") return;
      await transfer.cancel();
    },
    dismiss: drop,
  };

  /* ---- the queue ---- */
  const all = () => Array.from(rows.keys());
  const inState = (...states) => all().filter((transfer) => states.includes(transfer.state));

  function changed(transfer) {
    show(transfer);
    if (transfer.state === "gone") drop(transfer);
    if (transfer.state === "done") {
      refreshTitles();
      setTimeout(() => drop(transfer), 6000);
    }
    if (transfer.state !== "sending") pump();
    summarise();
  }

  function pump() {
    const free = AT_ONCE - inState("sending").length;
    inState("waiting")
      .filter((transfer) => transfer.file && transfer.ready)
      .slice(0, Math.max(0, free))
      .forEach((transfer) => transfer.start());
  }

  function summarise() {
    const sending = inState("sending").length;
    const waiting = inState("waiting").length;
    const text = sending || waiting ? "正在上传 " + sending + " 个" + (waiting ? "，等待 " + waiting + " 个" : "") + "。上传时请不要关闭页面。" : "";
    if (sum.textContent !== text) sum.textContent = text;
    sum.hidden = !text;
  }

  let refreshing = null;
  function refreshTitles() {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => window.htmx.trigger("#filters", "refresh"), 200);
  }

  /* ---- files ---- */
  /* Ask the server what it has of this person's files: the one truth, also for other tabs. */
  async function lookUp() {
    const reply = await fetch(panel.dataset.open, { headers: { Accept: "application/json", "HX-Request": "true" } });
    if (!reply.ok) throw new Error(String(reply.status));
    const found = await reply.json();
    site.token = found.csrf_token;
    for (const item of found.items) {
      const transfer = all().find((one) => one.url === item.url || (one.mark === item.fingerprint && one.state !== "done"));
      if (!transfer) addRow(Transfer.known(site, item, changed));
      else if (transfer.state === "waiting" || transfer.state === "paused") transfer.follow(item);
    }
    all().forEach((transfer) => show(transfer));
  }

  function faultOf(file) {
    if (file.isFolder) return "这是文件夹。请打开它，选择里面的视频文件。";
    if (file.size === 0) return "文件是空的（0 字节），没有可上传的内容。";
    if (file.size > maxBytes) return "文件太大：" + words.size(file.size) + "，最多 " + words.size(maxBytes) + "。";
    return "";
  }

  async function take(files) {
    const wanted = choosing;
    choosing = null;
    if (wanted && !files.some((file) => fingerprint(file) === wanted.mark)) {
      wanted.note = "选的不是同一个文件（名称、大小或修改时间不同）。请再选一次；要上传新的文件，请用上面的“选择文件”。";
      show(wanted);
      return;
    }
    const added = files.map(takeOne).filter(Boolean);
    summarise();
    await lookUp().catch(() => null);
    added.forEach((transfer) => (transfer.ready = true));
    pump();
  }

  function takeOne(file) {
    const known = all().find((one) => one.mark === fingerprint(file) && !["done", "gone"].includes(one.state));
    if (known) {
      if (known.state === "sending" || known.state === "waiting") return null;
      known.take(file);
      show(known);
      return known;
    }
    const transfer = Transfer.fresh(site, file, changed);
    transfer.fault = faultOf(file);
    if (transfer.fault) {
      transfer.state = "failed";
      transfer.mayGoOn = false;
    }
    addRow(transfer);
    return transfer;
  }

  input.addEventListener("change", function () {
    const files = Array.from(input.files);
    /* Emptied, so that choosing the same file again is a change. */
    input.value = "";
    if (files.length) take(files);
  });
  input.addEventListener("cancel", () => (choosing = null));

  /* ---- drop anywhere ---- */
  const veil = document.getElementById("drop-veil");
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");

  window.addEventListener("dragenter", function (event) {
    if (!hasFiles(event)) return;
    depth += 1;
    veil.hidden = false;
  });
  window.addEventListener("dragleave", function (event) {
    if (!hasFiles(event)) return;
    depth -= 1;
    if (depth <= 0) veil.hidden = true;
  });
  window.addEventListener("dragover", function (event) {
    if (hasFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", function (event) {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    const entries = Array.from(event.dataTransfer.items)
      .filter((item) => item.kind === "file")
      .map((item) => ({ file: item.getAsFile(), entry: item.webkitGetAsEntry && item.webkitGetAsEntry() }));
    entries.forEach(function (one) {
      if (one.entry && one.entry.isDirectory) one.file.isFolder = true;
    });
    take(entries.map((one) => one.file));
  });

  window.addEventListener("beforeunload", function (event) {
    if (inState("sending", "waiting").length) event.preventDefault();
  });
  window.addEventListener("online", () => inState("failed").filter((one) => one.mayGoOn && one.file).forEach(ACTIONS.resume));

  lookUp().catch(() => null);
})();
