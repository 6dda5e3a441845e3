/* Boot: look at the box once, listen to its keys, show live television (home where there is no channel). */
(function (CT, window) {
  'use strict';
  var document = window.document;
  var PATIENCE_MS = 2500; // the channels may take so long before home is shown instead
  var root = null;
  var begun = false;

  CT.dressRoot = function () {
    document.documentElement.className = 'tier-' + CT.tier.toLowerCase() + (CT.elder ? ' elder' : '');
  };

  /* What a test or an engineer wants to see of the running app. */
  CT.state = function () {
    var screen = CT.nav.top();
    if (!screen) { return { screen: null, depth: 0, focus: null, detail: {} }; }
    var board = screen.board;
    var row = board && board.rows[board.r];
    return {
      screen: screen.node.className.split(' ')[1], depth: CT.nav.depth(), profile: CT.profile, tier: CT.tier, elder: CT.elder,
      focus: row ? { row: board.r, index: row.index, rows: board.rows.length, count: row.count, label: row.label() } : null,
      detail: screen.state ? screen.state() : null, error: CT.lastError || null
    };
  };

  /* The page may go at any moment: the position is kept on the box at once. */
  function onLeave() {
    var screen = CT.nav.top();
    if (screen && screen.saveNow) { screen.saveNow(); }
  }

  /* Falls are counted, and kept: more/26-box.js tells the server, at most once an hour. */
  var falls = 0, crash = CT.crash;
  function count(error) {
    var kept = CT.load('faults') || {}, before = CT.api.number(kept.count);
    var screen = CT.nav.top();
    falls += 1;
    if (falls > 20 && falls % 50) { return; } // one that falls in every frame must not wear out the disk
    CT.save('faults', { count: before + (falls > 20 ? 50 : 1), last: String(error).slice(0, 300),
      screen: screen ? screen.name : '' });
  }
  CT.crash = function (error) {
    try { count(error && error.stack || error); } catch (e) { /* counting must not fall itself */ }
    crash(error);
  };

  /* 'live' or 'home': the viewer's choice, else the place's. */
  CT.bootScreen = function () {
    return (CT.load('boot') || (CT.load('box') || {}).boot) === 'home' ? 'home' : 'live';
  };

  /* What was asked for comes above live television once its script is there, unless somebody is watching already. */
  function openAbove() {
    var name = CT.option('screen') || CT.bootScreen();
    if (name === 'live') { return; }
    CT.loadScreen(name, function (ok) {
      if (!ok || CT.touched || !CT.screens[name]) { return; }
      if (name === 'home') { CT.nav.home(); } else { CT.nav.open(name); }
    });
  }

  function begin(name) {
    if (begun) { return; }
    begun = true;
    CT.clearNote();
    CT.nav.start(root, name);
    if (name === 'home') { CT.moreSoon(); }
    openAbove();
  }

  /* The list came: live begins, unless somebody is already walking through home. */
  function onChannels(error) {
    if (error || !CT.channels.list.length) { begin('home'); return; }
    if (begun && CT.nav.depth() === 1 && CT.nav.top().name === 'home' && !CT.touched) { begun = false; }
    begin('live');
  }

  /* The driver's script comes while the channels are asked for. */
  function prepare() {
    var driver = CT.players.usable()[0];
    if (driver && driver.prepare) { driver.prepare(); }
  }

  function firstScreen() {
    if (CT.channels.remembered()) { begin('live'); } else { CT.note('正在打开…', 0); }
    CT.later(function () { begin('home'); }, PATIENCE_MS);
    if (CT.option('screen') !== 'home') { prepare(); }
    CT.channels.load(onChannels, function () { begin('home'); });
  }

  CT.boot = CT.guard(function () {
    var ua = window.navigator.userAgent || '';
    root = document.getElementById('app');
    CT.profile = CT.pickProfile(ua);
    CT.tier = CT.pickTier(ua);
    CT.elder = CT.load('elder') === true;
    CT.fitScreen();
    CT.dressRoot();
    CT.claimKeys();
    CT.api.start();
    CT.keys.correct(CT.load('keys') || (CT.load('box') || {}).keys);
    CT.keys.start(CT.profile, CT.nav.key);
    window.onerror = function (message) { count(message); };
    firstScreen();
    window.addEventListener('pagehide', CT.guard(onLeave), false);
    window.addEventListener('beforeunload', CT.guard(onLeave), false);
    document.addEventListener('visibilitychange', CT.guard(function () { if (document.hidden) { onLeave(); } }), false);
  });

  CT.boot();
}(window.CT, window));
