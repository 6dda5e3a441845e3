/* Scripts that come after the first picture: the other parts of the app, and the vendored players. */
(function (CT, window) {
  'use strict';
  var MORE = '{{more}}'; // its name with the hash of its bytes; bundle.py puts it here
  CT.version = '{{version}}';
  var RARE = '{{rare}}', BOX = '{{box}}';
  var SELDOM = ['settings', 'about', 'keytest', 'pairing', 'tour', 'reader', 'messages', 'ask']; // RARE holds these screens
  var missing = MORE;    // what did not come last
  var loads = {};        // url -> true once loaded, or the list of who waits for it
  var spoilt = {};       // url -> so often something else came in its place
  var ANEW_MS = 600000;
  var SOON_MS = 80, PATIENCE_MS = 10000; // who asks for a seldom screen sees something, and is not kept waiting
  /* What a box that was flashed with one file only does not hold lies on its server. */
  var flashed = window.CT_FLASHED;
  var beside = flashed && !flashed.js ? '/tv/' : '';

  /* Loads a script of ours once; done(ok). A failure may be tried again. No name: it is inside already.
     proof() says whether it is what came: a gateway may send a page of its own instead, and a cache keep it. */
  CT.loadScript = function (url, done, proof) {
    if (!url || loads[url] === true) { done(true); return; }
    if (loads[url]) { loads[url].push(done); return; }
    var waiting = loads[url] = [done];
    var script = window.document.createElement('script');
    function finish(ok) {
      loads[url] = ok || null;
      if (!ok) { missing = url; CT.remove(script); }
      for (var i = 0; i < waiting.length; i += 1) { waiting[i](ok); }
    }
    script.onload = CT.guard(function () {
      var good = !proof || !!proof();
      if (!good) { spoilt[url] = (spoilt[url] || 0) + 1; }
      finish(good);
    });
    script.onerror = CT.guard(function () { finish(false); });
    script.src = CT.api.resolve(beside + url) + (spoilt[url] ? '?' + spoilt[url] : '');
    window.document.body.appendChild(script);
  };

  /* The second half: home, lists, guide, on-demand. done(ok), at once when it is there. */
  CT.more = function (done) { CT.loadScript(MORE, done || function () {}, function () { return CT.screens.home; }); };

  /* What is seldom opened (settings, the reader, questions, other languages) stands on the second half. done(ok) */
  CT.rare = function (done) {
    CT.more(function (ok) { if (ok) { CT.loadScript(RARE, done, function () { return CT.screens.settings; }); } else { done(false); } });
  };

  /* Whether there is such a screen, be its script here or not yet. */
  CT.hasScreen = function (name) { return !!CT.screens[name] || SELDOM.indexOf(name) >= 0; };
  /* Loads the script of a screen. done(ok) */
  CT.loadScreen = function (name, done) {
    var told = false, over = false;
    function finish(ok) {
      if (over) { return; }
      over = true;
      if (told) { CT.clearNote(); }
      done(ok);
    }
    CT.later(function () {
      if (!over) { told = true; CT.note('正在打开…', 0); }
    }, SOON_MS);
    CT.later(function () { finish(false); }, PATIENCE_MS); // it goes on coming: the next try finds it
    CT[SELDOM.indexOf(name) < 0 ? 'more' : 'rare'](finish);
  };

  /* The players of boxes that have one built in. done(ok) */
  CT.boxPlayers = function (done) { CT.loadScript(BOX, done, function () { return CT.boxed.ctc; }); };

  /* A script that came later brings its own style. */
  CT.addStyle = function (css) {
    var style = window.document.createElement('style');
    style.appendChild(window.document.createTextNode(css));
    window.document.getElementsByTagName('head')[0].appendChild(style);
  };

  /* Whoever asks for it gets it sooner or later: live must not depend on it. */
  var attempt = 0;
  CT.moreSoon = function () {
    CT.more(function (ok) {
      if (!ok) { attempt += 1; CT.later(CT.moreSoon, CT.backoff(attempt)); }
    });
  };

  /* A flashed box asks for what it does not hold by the name of its own build. A newer server has another one:
     the box takes the new app, which holds everything, and starts it. */
  function renew(answer) {
    CT.update.look(function (reached) {
      if (CT.update.waiting) { answer(true); return; }
      CT.note(reached ? '这一页要等机顶盒更新以后才能打开' : '这一页要联网才能打开，请过一会儿再试');
    });
  }

  /* A page older than its server finds its later scripts gone: the page of today has other names for them.
     answer(true): the page should be opened anew. */
  CT.moreGone = function (answer) {
    if (flashed) {
      if (CT.update) { renew(answer); }
      return;
    }
    var xhr = new window.XMLHttpRequest();
    xhr.onreadystatechange = CT.guard(function () { if (xhr.readyState === 4) { answer(xhr.status === 404); } });
    try { xhr.open('GET', missing, true); xhr.send(null); } catch (e) { answer(false); }
  };

  /* Opens the page anew, once in ten minutes: what fails at every start must not start for ever. The window's name
     outlives the page, even where nothing can be stored. False when it was done lately. */
  CT.openAnew = function (delay_ms) {
    var now = new Date().getTime(), before = /^ct-anew-(\d+)$/.exec(window.name);
    if (before && Math.abs(now - before[1]) < ANEW_MS) { return false; }
    window.name = 'ct-anew-' + now;
    window.setTimeout(function () { window.location.reload(); }, delay_ms || 0);
    return true;
  };
  /* What cannot be done without did not come: if it is gone, the page of today knows its new name. */
  CT.orAnew = function () {
    if (!flashed) { CT.moreGone(function (gone) { if (gone) { CT.openAnew(); } }); }
  };
}(window.CT, window));
