/* Every admin page: questions before what cannot be taken back, notices, choosing many, unsaved forms. */
"use strict";
(function () {
  const dialog = document.getElementById("ask");
  let asked = null;

  /* A form with data-confirm is sent only after the answer. While the question stands, a refresh may
     replace the form; so its button is remembered by id. */
  document.addEventListener(
    "submit",
    function (event) {
      const form = event.target;
      if (!form.dataset.confirm || form === asked || !dialog) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = event.submitter;
      ask(form.dataset.confirm, form.dataset.confirmButton).then(function (yes) {
        if (!yes) return;
        const now = (button && button.id && document.getElementById(button.id)) || button;
        if (!now || !now.isConnected) return;
        asked = now.form;
        now.form.requestSubmit(now);
        asked = null;
      });
    },
    true
  );

  function ask(words, buttonWords) {
    document.getElementById("ask-words").textContent = words;
    document.getElementById("ask-yes").textContent = buttonWords || "确定";
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise(function (resolve) {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-dismiss]")) event.target.closest(".notice").remove();
  });

  /* ---- htmx ---- */
  document.addEventListener("htmx:beforeRequest", function (event) {
    /* What is asked about must not change under the question. */
    if (dialog && dialog.open && event.detail.elt.id === "poller") event.preventDefault();
  });
  document.addEventListener("htmx:sendError", () => tell("lost", "连接不上服务器，正在重试…"));
  document.addEventListener("htmx:afterOnLoad", function (event) {
    if (event.detail.successful) document.querySelectorAll(".notice-lost").forEach((n) => n.remove());
  });

  function tell(kind, words) {
    if (document.querySelector(".notice-" + kind)) return;
    const notice = document.createElement("div");
    notice.className = "notice notice-bad notice-" + kind;
    notice.setAttribute("role", "alert");
    notice.textContent = words;
    document.getElementById("notices").append(notice);
  }

  /* ---- choosing many ---- */
  let chosen = new Set();

  function picks() {
    return Array.from(document.querySelectorAll('.pick input[name="id"]'));
  }

  function countPicks() {
    const bulk = document.getElementById("bulk");
    if (!bulk) return;
    const all = picks();
    const checked = all.filter((box) => box.checked);
    chosen = new Set(checked.map((box) => box.value));
    document.getElementById("bulk-count").textContent = "已选 " + checked.length + " 个";
    bulk.classList.toggle("none", checked.length === 0);
    const head = document.getElementById("pick-all");
    head.checked = checked.length === all.length;
    head.indeterminate = checked.length > 0 && checked.length < all.length;
  }

  document.addEventListener("change", function (event) {
    if (event.target.id === "pick-all") picks().forEach((box) => (box.checked = event.target.checked));
    if (event.target.id === "pick-all" || event.target.closest(".pick")) countPicks();
  });
  document.addEventListener("htmx:afterSettle", function () {
    picks().forEach((box) => (box.checked = box.checked || chosen.has(box.value)));
    countPicks();
  });
  countPicks();

  /* ---- forms ---- */
  const dirty = new Set();

  function setDirty(form, is) {
    if (is) dirty.add(form);
    else dirty.delete(form);
    const words = form.querySelector(".unsaved");
    if (words) words.hidden = !is;
  }

  document.querySelectorAll("form[data-guard]").forEach(function (form) {
    setDirty(form, Boolean(form.querySelector(".wrong")));
    form.addEventListener("input", () => setDirty(form, true));
    form.addEventListener("submit", () => dirty.delete(form));
  });
  window.addEventListener("beforeunload", function (event) {
    if (dirty.size) event.preventDefault();
  });
  const wrong = document.querySelector(
    "form[data-guard] .wrong input, form[data-guard] .wrong select, form[data-guard] .wrong textarea"
  );
  if (wrong) wrong.focus();

  document.addEventListener("submit", function (event) {
    const form = event.target;
    const limit = Number(form.dataset.maxBytes || 0);
    const input = limit ? form.querySelector('input[type="file"]') : null;
    if (!input || !input.files[0] || input.files[0].size <= limit) return;
    event.preventDefault();
    const fault = form.querySelector(".fault");
    fault.textContent = form.dataset.tooLarge || "图片太大，最多 15 MB。";
    fault.hidden = false;
  });
  document.addEventListener("change", function (event) {
    const form = event.target.type === "file" && event.target.closest("form[data-max-bytes]");
    if (form) form.querySelector(".fault").hidden = true;
  });

  window.Cuntai = { ask: ask };
})();
