/* The stack of screens and the one rule of Back: close what lies on top, else go up a level, else home. */
(function (CT, window) {
  'use strict';
  var root = null;
  var stack = [];   // stack[0] is always home
  var crashes = [];
  CT.screens = {};  // name -> make(root, params) -> {node, key(fn, held), back(), shown(), hidden(), close(), relayout(), state()}

  function top() { return stack[stack.length - 1]; }
  function show(screen) { screen.node.style.display = 'block'; if (screen.shown) { screen.shown(); } }
  function hide(screen) { if (screen.hidden) { screen.hidden(); } screen.node.style.display = 'none'; }

  function drop() {
    var screen = stack.pop();
    try { if (screen.close) { screen.close(); } } catch (e) { CT.lastError = String(e); } // leaving must always work
    CT.remove(screen.node);
  }

  function unwind() { while (stack.length > 1) { drop(); } }

  /* A screen threw. Home is rebuilt if it was the culprit; three falls in ten seconds reload the page later. */
  function recover() {
    var now = new Date().getTime();
    crashes = crashes.filter(function (at) { return Math.abs(now - at) < 10000; }).concat(now);
    if (crashes.length > 3) {
      CT.note('电视台页面出了点问题，马上重新打开…', 0);
      window.setTimeout(function () { window.location.reload(); }, 5000);
      return;
    }
    var wasHome = stack.length <= 1;
    unwind();
    if (wasHome) {
      if (stack.length) { drop(); }
      stack.push(CT.screens.home(root, {}));
    }
    show(stack[0]);
    CT.note('刚才出了点小问题，已回到首页');
  }

  function global(fn) {
    if (fn === 'back') { CT.nav.back(); return true; }
    if (fn === 'exit' || fn === 'home') { CT.nav.home(); return true; }
    if (fn === 'blue' || fn === 'menu') { CT.nav.toggleElder(); return true; }
    return false;
  }

  function onClick(event) {
    var screen = top();
    var node = event.target;
    while (node && node !== root) {
      if (screen.point && screen.point(node)) { screen.key('ok', 0); return; }
      node = node.parentNode;
    }
  }

  CT.nav = {
    start: function (node) {
      root = node;
      CT.neverScroll(root);
      CT.onCrash(recover);
      root.addEventListener('click', CT.guard(onClick), false);
      stack.push(CT.screens.home(root, {}));
      show(stack[0]);
    },
    /* Opens a screen above the present one. */
    open: function (name, params) {
      var screen = CT.screens[name](root, params);
      hide(top());
      stack.push(screen);
      show(screen);
    },
    /* Puts a screen in the place of the present one (the next episode). */
    replace: function (name, params) {
      drop();
      var screen = CT.screens[name](root, params);
      stack.push(screen);
      show(screen);
    },
    back: function () {
      if (top().back && top().back()) { return; }
      if (stack.length > 1) { drop(); show(top()); }
    },
    home: function () {
      if (stack.length > 1) { unwind(); show(stack[0]); }
      if (stack[0].toStart) { stack[0].toStart(); }
    },
    /* One press: the screen is asked first, for each meaning the key may have. */
    key: function (fns, held) {
      for (var i = 0; i < fns.length; i += 1) {
        if (top().key(fns[i], held) || global(fns[i])) { return; }
      }
      CT.bump();
    },
    toggleElder: function () {
      CT.elder = !CT.elder;
      CT.save('elder', CT.elder);
      CT.dressRoot();
      for (var i = 0; i < stack.length; i += 1) { if (stack[i].relayout) { stack[i].relayout(); } }
      if (top().shown) { top().shown(); }
      CT.note(CT.elder ? '已换成大字' : '已换成标准字', 2);
    },
    top: top,
    depth: function () { return stack.length; }
  };
}(window.CT, window));
