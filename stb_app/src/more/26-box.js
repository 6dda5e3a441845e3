/* What the server knows of this box: its place, the first screen, its model's keys, unread answers. Asked once the
   first picture moves, then every ten minutes; falls are told along with it, at most once an hour. */
(function (CT, window) {
  'use strict';
  var AGAIN_MS = 600000;
  var LOOK_MS = 2000;      // a flashed app has this script before its first picture
  var FIRST_MS = 5000;     // the picture's first segments come before this
  var HOUR_MS = 3600000;
  var ESSENTIAL = ['up', 'down', 'left', 'right', 'ok', 'back'];
  var listeners = [];
  var etag = null, timer = null, asking = false;

  function configured(name) {
    try {
      var box = window.Authentication;
      return 'CTCGetConfig' in box ? box.CTCGetConfig(name) : box.CUGetConfig(name);
    } catch (e) { return ''; }
  }

  /* [pattern, name before what it found]: the word by which a maker calls the box, else the engine. */
  var MODELS = [[/\b(EC\d{4}\w*)/i, ''], [/\b((?:ZTE|ZXV\d+)?[ -]?B\d{3}\w*)/i, ''], [/iPanel[ /]?([\d.]+(?: advance)?)/i, 'iPanel '],
    [/Tizen[ /]([\d.]+)/, 'Tizen '], [/(?:Web0S|webOS)[^)]*Chrome\/(\d+)/, 'webOS Chrome '], [/(Web0S|webOS)/, ''],
    [/Android[^;)]*; ([^;)]+?)(?: Build[^)]*)?\)/, ''], [/HbbTV\/([\d.]+)/, 'HbbTV '], [/Chrome\/(\d+)/, 'Chrome '],
    [/AppleWebKit\/(\d+)/, 'WebKit ']];

  /* A short name of the kind of box: boxes of one name have one remote. */
  CT.modelOf = function (ua) {
    for (var i = 0; i < MODELS.length; i += 1) {
      var found = MODELS[i][0].exec(ua);
      if (found) { return (MODELS[i][1] + found[1]).replace(/^[ -]+/, '').slice(0, 40); }
    }
    return 'unknown';
  };
  CT.model = function () {
    var told = CT.exists('Authentication') ? String(configured('STBType') || '').replace(/^\s+|\s+$/g, '') : '';
    return told.slice(0, 40) || CT.modelOf(window.navigator.userAgent || '');
  };

  /* Whether every key that one cannot do without is still there when {function: [code…]} is laid over the profile. */
  CT.keysAreSafe = function (keys) {
    if (!keys || typeof keys !== 'object') { return false; }
    var claimed = {}, codes = CT.keymaps[CT.profile || CT.pickProfile(window.navigator.userAgent || '')].codes;
    for (var fn in keys) {
      if (!CT.has(keys, fn) || !(keys[fn] instanceof Array) || !keys[fn].every(CT.isNumber)) { return false; }
      keys[fn].forEach(function (code) { claimed[code] = true; });
    }
    return ESSENTIAL.every(function (name) {
      return (keys[name] || []).length > 0 || codes[name].some(function (code) { return !claimed[code]; });
    });
  };

  function read(raw) {
    raw = raw && typeof raw === 'object' ? raw : {};
    return { id: CT.isNumber(raw.id) ? raw.id : null, name: CT.api.text(raw.name), place: CT.api.text(raw.place),
      boot: raw.boot === 'home' ? 'home' : 'live', keys: CT.keysAreSafe(raw.keys) ? raw.keys : null,
      unread: CT.api.number(raw.unread), notices: CT.api.number(raw.notices) };
  }

  function learn(box) {
    var changed = JSON.stringify(box) !== JSON.stringify(CT.box);
    var elsewhere = box.id !== CT.box.id || box.place !== CT.box.place, parted = CT.box.id !== null && box.id === null;
    CT.box = box;
    CT.save('box', box);
    if (elsewhere) { // what it may see is another now
      CT.save('home', null);
      CT.channels.load(function () { /* who shows them looks by himself */ });
    }
    if (parted) { CT.later(CT.part, 0); }
    if (!CT.load('keys')) { CT.keys.correct(box.keys); }
    if (changed) { listeners.slice().forEach(function (listener) { listener(box); }); }
  }

  /* Each attempt counts, answered or not: a server in trouble is not asked more often. */
  function tellFaults() {
    var faults = CT.load('faults');
    if (!faults || Math.abs(CT.now() - (CT.load('faultsAt') || 0)) < HOUR_MS) { return; }
    CT.save('faultsAt', CT.now());
    CT.api.send('POST', '/box/faults', { body: { version: CT.version, model: CT.model(), count: CT.api.number(faults.count) || 1,
      last: CT.api.text(faults.last), screen: CT.api.text(faults.screen) } }, function (error) {
      if (!error || !CT.mayRetry(error)) { CT.save('faults', null); } // what is refused would be refused for ever
    });
  }

  /* Own corrections that the server has not had yet go up while the box is paired. done(error) */
  CT.sendKeys = function (done) {
    var keys = CT.load('keys');
    if (!keys || CT.load('keysSent') || !CT.api.paired()) { return; }
    CT.api.send('PUT', '/box/keys', { body: { model: CT.model(), profile: CT.profile, keys: keys } }, function (error) {
      if (!error || error.kind === 'http' && !CT.mayRetry(error)) { CT.save('keysSent', true); } // refused: the box keeps its own
      if (done) { done(error); }
    });
  };

  /* Asks now, and again later. */
  CT.askBox = function () {
    window.clearTimeout(timer);
    timer = CT.later(CT.askBox, AGAIN_MS * (0.8 + 0.4 * Math.random()));
    CT.sendKeys();
    if (asking) { return; }
    asking = true;
    CT.api.again();
    CT.api.send('GET', '/box?model=' + encodeURIComponent(CT.model()) + '&version=' + CT.version, { etag: etag }, function (error, raw, xhr) {
      asking = false;
      if (!error || error.kind !== 'offline' && error.kind !== 'timeout') { tellFaults(); } // the server's time is known now
      if (error || xhr.status === 304) { return; } // what was known stays
      etag = xhr.getResponseHeader('ETag');
      learn(read(raw));
    });
  };

  /* The box is a stranger to the server from now on. */
  CT.boxUnpaired = function () {
    etag = null;
    if (CT.box.id === null) { return; }
    learn(read({ boot: CT.box.boot, keys: CT.box.keys }));
    CT.askBox();
  };

  /* The box belongs to another place now: what is kept of the former one is wrong. */
  CT.boxMoved = function () {
    etag = null;
    CT.askBox();
  };

  CT.box = read(CT.load('box'));
  /* listener(CT.box) after each change; returns what ends it. */
  CT.onBox = function (listener) {
    listeners.push(listener);
    return function () { listeners = listeners.filter(function (other) { return other !== listener; }); };
  };

  function begin() {
    var screen = CT.nav.top();
    var ready = screen && (screen.name !== 'live' || screen.state().state === 'playing' || screen.state().state === 'failed');
    if (ready) { timer = CT.later(CT.askBox, FIRST_MS); } else { CT.later(begin, LOOK_MS); }
  }
  CT.later(begin, 0);
}(window.CT, window));
