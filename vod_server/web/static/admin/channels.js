/* Channels, guide, keys: refreshing only while looked at, lists in order, copying, places. */
"use strict";
(function () {
  /* ---- refreshing ---- */
  document.addEventListener("htmx:beforeRequest", function (event) {
    const poller = event.detail.elt;
    if (!poller.hasAttribute || !poller.hasAttribute("data-poller")) return;
    /* Nobody looks, or a question stands: what it is about must not change. */
    const dialog = document.getElementById("ask");
    if (document.hidden || (dialog && dialog.open)) event.preventDefault();
  });

  window.setInterval(function () {
    const banner = document.getElementById("alerts");
    if (banner && window.htmx) window.htmx.trigger(banner, "look");
  }, 10000);

  /* ---- lists in order ---- */
  function rows(list) {
    return Array.from(list.querySelectorAll(":scope > .order-row"));
  }

  function say(list, words, undo) {
    const line = list.parentElement.querySelector(".order-said");
    line.textContent = words;
    if (!undo) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = "撤销";
    button.addEventListener("click", undo);
    line.append(" ", button);
  }

  function changed(list) {
    list.dispatchEvent(new Event("input", { bubbles: true }));
    number(list);
  }

  function clock(seconds) {
    const all = Math.round(seconds);
    const hours = Math.floor(all / 3600);
    const minutes = Math.floor((all % 3600) / 60);
    return hours ? hours + " 小时 " + minutes + " 分" : minutes + " 分 " + (all % 60) + " 秒";
  }

  function number(list) {
    const all = rows(list);
    const word = list.dataset.orderList;
    all.forEach(function (row, at) {
      const rank = row.querySelector(".order-rank");
      rank.textContent = word === "信号源" ? (at === 0 ? "首选" : "备用 " + at) : String(at + 1);
      /* aria-disabled keeps the focus where it is, which `disabled` would drop. */
      row.querySelector('[data-order="up"]').setAttribute("aria-disabled", String(at === 0));
      row.querySelector('[data-order="down"]').setAttribute("aria-disabled", String(at === all.length - 1));
    });
    const empty = list.parentElement.querySelector(".order-empty");
    if (empty) empty.hidden = all.length > 0;
    if (!list.dataset.sum) return;
    const seconds = all.reduce((sum, row) => sum + Number(row.dataset.seconds || 0), 0);
    document.querySelector(list.dataset.sum).textContent = all.length
      ? "共 " + all.length + " 个，一遍 " + clock(seconds)
      : "";
  }

  function move(row, step, focus) {
    const list = row.parentElement;
    const all = rows(list);
    const at = all.indexOf(row);
    const to = at + step;
    if (to < 0 || to >= all.length) {
      say(list, step < 0 ? "已经在最前面。" : "已经在最后面。");
      return;
    }
    list.insertBefore(row, step < 0 ? all[to] : all[to].nextSibling);
    changed(list);
    focus.focus();
    row.scrollIntoView({ block: "nearest" });
    say(list, nameOf(row) + " 移到第 " + (to + 1) + " 位。");
  }

  function nameOf(row) {
    const kind = row.querySelector("[data-source-kind]");
    return kind ? kind.selectedOptions[0].textContent : "《" + row.dataset.name + "》";
  }

  function remove(row) {
    const list = row.parentElement;
    const all = rows(list);
    const at = all.indexOf(row);
    const next = row.nextElementSibling;
    const near = all[at + 1] || all[at - 1];
    row.remove();
    changed(list);
    say(list, "已移除 " + nameOf(row) + "。", function () {
      list.insertBefore(row, next && next.isConnected ? next : null);
      changed(list);
      say(list, "已放回 " + nameOf(row) + "。");
      row.querySelector('[data-order="remove"]').focus();
    });
    if (near) near.querySelector('[data-order="remove"]').focus();
    else list.parentElement.querySelector(".order-said .button").focus();
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-order]");
    if (!button) return;
    const row = button.closest(".order-row");
    if (button.dataset.order === "remove") remove(row);
    else move(row, button.dataset.order === "up" ? -1 : 1, button);
  });
  document.addEventListener("keydown", function (event) {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const row = event.target.closest && event.target.closest(".order-row");
    if (!row || row.closest("fieldset:disabled")) return;
    event.preventDefault();
    move(row, event.key === "ArrowUp" ? -1 : 1, event.target);
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    const list = event.detail.target;
    if (!list || !list.matches || !list.matches("[data-order-list]")) return;
    changed(list);
    const last = list.lastElementChild;
    if (!last) return;
    const by = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (by && by.hasAttribute("data-focus-new")) last.querySelector("select, input").focus();
    say(list, "现在有 " + rows(list).length + " 个。");
  });
  document.querySelectorAll("[data-order-list]").forEach(number);

  /* ---- sources ---- */
  document.addEventListener("change", function (event) {
    const row = event.target.closest(".source-row");
    if (!row) return;
    const kind = row.querySelector('[name="kind"]');
    const url = row.querySelector('[name="url"]');
    const chosen = kind.selectedOptions[0];
    url.placeholder = chosen.dataset.example ? "例如 " + chosen.dataset.example : "不用填";
    if (event.target === kind) hint(row, chosen.dataset.hint);
    if (url.value.trim() && event.target.name !== "mode") check(row, kind.value, url.value);
  });

  function hint(row, words) {
    const line = document.createElement("span");
    line.className = "hint";
    line.textContent = words;
    row.querySelector(".source-check").replaceChildren(line);
  }

  async function check(row, kind, url) {
    const address = row.closest("form").dataset.check;
    const form = new URLSearchParams({ kind: kind, url: url });
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const reply = await fetch(address, {
      method: "POST",
      body: form,
      headers: { "X-CSRFToken": token, "HX-Request": "true" },
    }).catch(() => null);
    const now = row.querySelector('[name="url"]').value;
    if (!reply || !reply.ok || now !== url) return;
    row.querySelector(".source-check").innerHTML = await reply.text();
    row.classList.toggle("wrong", Boolean(row.querySelector(".fault")));
  }

  /* ---- places ---- */
  function showPlaces(form) {
    const tree = form.querySelector("[data-place-tree]");
    const chosen = form.querySelector('[name="seen_by"]:checked');
    if (!tree || !chosen) return;
    tree.hidden = chosen.value !== "places";
    const root = tree.querySelector("[data-root]");
    tree.querySelectorAll(".place-branch").forEach(function (branch) {
      const town = branch.querySelector(".place-town input");
      const over = root && root !== town && root.checked;
      branch.classList.toggle("covered", Boolean(over));
      branch.querySelectorAll(".place-leaves").forEach((leaves) => leaves.classList.toggle("covered", over || town.checked));
    });
  }
  document.addEventListener("change", function (event) {
    if (event.target.name === "seen_by" || event.target.name === "place") showPlaces(event.target.form);
  });
  document.querySelectorAll("[data-place-tree]").forEach((tree) => showPlaces(tree.closest("form")));

  /* ---- copying ---- */
  document.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.querySelector(button.dataset.copy);
    field.select();
    let done = false;
    /* The clipboard's own interface is there on https and on this machine only. */
    if (navigator.clipboard) done = await navigator.clipboard.writeText(field.value).then(() => true, () => false);
    if (!done) done = document.execCommand("copy");
    const words = button.dataset.words || button.textContent;
    button.dataset.words = words;
    button.textContent = done ? "已复制" : "请按 Ctrl+C";
    window.setTimeout(() => (button.textContent = words), 2000);
  });

  /* ---- the programme that is on, in the middle of its list ---- */
  document.querySelectorAll("[data-now]").forEach(function (row) {
    const list = row.parentElement;
    list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 3;
  });

  /* ---- a choice that is its own button ---- */
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
})();
