/* Boot: look at the box once, listen to its keys, show home. */
(function (CT, window) {
  'use strict';
  var document = window.document;

  CT.dressRoot = function () {
    document.documentElement.className = 'tier-' + CT.tier.toLowerCase() + (CT.elder ? ' elder' : '');
  };

  /* What a test or an engineer wants to see of the running app. */
  CT.state = function () {
    var screen = CT.nav.top();
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

  CT.boot = CT.guard(function () {
    var ua = window.navigator.userAgent || '';
    CT.profile = CT.pickProfile(ua);
    CT.tier = CT.pickTier(ua);
    CT.elder = CT.load('elder') === true;
    CT.fitScreen();
    CT.dressRoot();
    CT.claimKeys();
    CT.api.start();
    CT.keys.start(CT.profile, CT.nav.key);
    CT.nav.start(document.getElementById('app'));
    window.addEventListener('pagehide', CT.guard(onLeave), false);
    window.addEventListener('beforeunload', CT.guard(onLeave), false);
    document.addEventListener('visibilitychange', CT.guard(function () { if (document.hidden) { onLeave(); } }), false);
  });

  CT.boot();
}(window.CT, window));
