/* The stack of screens and the one rule of Back: close what lies on top, else go up a level; at the bottom is live
   television (home only where there is no channel). */
(function (CT) {
  'use strict';
  var MOST = 5;     // deeper than this the screen above live goes: Back stays at five presses
  var root = null;
  var stack = [];   // stack[0] is live or home
  var crashes = [];
  var offered = null, pressing = false, opening = false;
  CT.screens = {};  // name -> make(root, params) -> {node, key(fn, held), back(), shown(), hidden(), close(), relayout(), state()}

  function top() { return stack[stack.length - 1]; }
  function show(screen) { screen.node.style.display = 'block'; if (screen.shown) { screen.shown(); } }
  function hide(screen) { if (screen.hidden) { screen.hidden(); } screen.node.style.display = 'none'; }

  function drop(at) {
    var screen = stack.splice(at || -1, 1)[0];
    try { if (screen.close) { screen.close(); } } catch (e) { CT.lastError = String(e); } // leaving must always work
    CT.remove(screen.node);
  }

  /* A screen that falls while it is made leaves nothing behind. */
  function push(name, params) {
    var last = root.lastChild, screen;
    opening = true;
    try {
      screen = CT.screens[name](root, params || {});
      opening = false;
    } finally { while (opening && root.lastChild !== last) { CT.remove(root.lastChild); } }
    screen.name = name;
    stack.push(screen);
    return screen;
  }

  function unwind(depth) { while (stack.length > depth) { drop(); } }
  function restart(name) {
    unwind(0);
    show(push(name));
  }

  /* A screen threw. The bottom is rebuilt if it was the culprit; more than three falls in ten seconds open the page anew. */
  function recover() {
    var now = new Date().getTime();
    crashes = crashes.filter(function (at) { return Math.abs(now - at) < 10000; }).concat(now);
    var anew = (crashes.length > 3 || !stack.length) && CT.openAnew(5000), name = stack.length && stack[0].name;
    var keyed = pressing, made = !opening;
    pressing = opening = false;
    if (anew) { CT.note('电视台页面出了点问题，马上重新打开…', 0); }
    /* The bottom is the culprit where its key was pressed; what fell behind it may be another's: the picture goes on. */
    if (!stack.length || (made && stack.length === 1 && !keyed && crashes.length < 2)) { return; }
    if (!made) { show(top()); } else if (stack.length > 1) { unwind(1); show(stack[0]); } else { restart(name); }
    if (!anew) { CT.note(made ? '刚才出了点小问题，已回到' + (name === 'home' ? '首页' : '电视') : '这一页暂时打不开，请先看看别的'); }
  }

  /* Runs work once the screen's script is there; what is on top stays when it does not come. */
  function withScreen(name, work) {
    if (CT.screens[name]) { work(); return; }
    var from = top();
    CT.loadScreen(name, function (ok) {
      if (ok && top() === from) { work(); }
      if (ok) { return; }
      CT.note('网络不太顺畅，请过一会儿再试');
      CT.moreGone(function (gone) { if (gone) { CT.openAnew(); } });
    });
  }

  /* The very first screen is waited for, however long its script takes. */
  function begin(name, attempt) {
    if (CT.screens[name]) { restart(name); return; }
    CT.loadScreen(name, function (ok) {
      if (ok && !stack.length) { restart(name); }
      if (ok) { return; }
      CT.note('网络不太顺畅，正在重试…', 0);
      CT.later(function () { begin(name, attempt + 1); }, CT.backoff(attempt));
    });
  }

  function offer(fn) {
    if (!offered || (fn !== 'ok' && fn !== 'back')) { return false; }
    var act = offered;
    offered = null;
    CT.clearNote();
    if (fn === 'ok') { act(); }
    return true;
  }

  function global(fn) {
    if (fn === 'back') { CT.nav.back(); }
    else if (fn === 'exit') { if (!CT.nav.live()) { CT.nav.home(); } }
    else if (fn === 'live') { return CT.nav.live(); }
    else if (fn === 'home' || fn === 'menu' || fn === 'vod') { CT.nav.home(); }
    else if (fn === 'guide' || fn === 'catchup') { CT.nav.guide(); }
    else if (fn === 'green') { if (top().name !== 'search') { CT.nav.open('search'); } else { CT.bump(); } }
    else if (fn === 'blue') { CT.nav.toggleElder(); }
    else if (CT.players.volume(fn)) { return true; }
    else { return false; }
    return true;
  }

  function onClick(event) {
    var screen = top();
    var node = event.target;
    while (screen && node && node !== root) {
      if (screen.point && screen.point(node)) { screen.key('ok', 0); return; }
      node = node.parentNode;
    }
  }

  CT.nav = {
    /* Begins with the screen 'live' or 'home' at the bottom; what was there goes. */
    start: function (node, name) {
      if (!root) {
        root = node;
        CT.neverScroll(root);
        CT.onCrash(recover);
        root.addEventListener('click', CT.guard(onClick), false);
      }
      begin(name, 0);
    },
    /* Opens a screen above the present one; with params.over, or a window in it (framed), the one below goes on. */
    open: function (name, params) {
      withScreen(name, function () {
        var below = !CT.screens[name].framed || !stack[0].frame;
        if (!params || !params.over) { stack.forEach(function (screen, i) { if (i || below) { hide(screen); } }); }
        if (stack.length >= MOST) { drop(1); }
        show(push(name, params));
      });
    },
    /* Live television at the bottom, if it is there: it shows its picture in a window by frame(area, tell). */
    window: function () { return stack.length && stack[0].frame ? stack[0] : null; },
    /* The picture of live goes on within an area of the page on top; tell(words) of its troubles. */
    frame: function (area, tell) {
      stack[0].node.style.display = 'block';
      stack[0].frame(area, tell);
    },
    /* Puts a screen in the place of the present one (the next episode). */
    replace: function (name, params) {
      drop();
      show(push(name, params));
    },
    back: function () {
      if (top().back && top().back()) { return; }
      if (stack.length > 1) { drop(); show(top()); }
    },
    /* To live television, on a channel (or the last one) and from an instant if given; false when there is none.
       keep: as the picture stands, be it paused or late. */
    live: function (channel, epoch_s, keep) {
      if (!CT.channels.list.length) { return false; }
      if (stack[0].name === 'live') { unwind(1); if (!keep) { stack[0].tune(channel, epoch_s); } show(stack[0]); } else {
        restart('live');
        if (channel) { stack[0].tune(channel, epoch_s); }
      }
      return true;
    },
    home: function () {
      if (stack[0].name === 'home' || (stack[1] && stack[1].name === 'home')) {
        var at = stack[0].name === 'home' ? 1 : 2;
        if (stack.length > at) { unwind(at); show(top()); }
        top().toStart();
        return;
      }
      if (stack.length > 1) { unwind(1); }
      CT.nav.open('home');
    },
    guide: function () {
      if (top().name === 'guide') { CT.nav.back(); } else if (CT.channels.list.length) {
        CT.nav.open('guide', { over: top().name === 'live' });
      } else { CT.bump(); }
    },
    /* One press: the screen is asked first, for each meaning the key may have. */
    key: function (fns, held) {
      if (!stack.length) { CT.bump(); return; }
      pressing = CT.touched = true;
      for (var i = 0; i < fns.length; i += 1) {
        if (offer(fns[i]) || top().key(fns[i], held) || global(fns[i])) { pressing = false; return; }
      }
      pressing = false;
      CT.bump();
    },
    /* A sentence that OK takes up, whatever is on the screen; it goes by itself. */
    offer: function (sentence, seconds, act) {
      offered = act;
      CT.note(sentence, seconds);
      CT.later(function () { if (offered === act) { offered = null; } }, seconds * 1000);
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
}(window.CT));
