/* Players built into boxes: which one this box has is seen by its methods, what drives it comes with box-<hash>.js. */
(function (CT, window) {
  'use strict';
  /* What a player answers while its script is on the way. */
  var IDLE = { pause: 0, resume: 0, seek: 0, position: 0, duration: 0, held: [0, 0], date: 0, positionOf: null, dated: false,
    asking: false };

  CT.boxed = {}; // name -> make(emit) -> player

  function builtIn() {
    try {
      var mp = CT.exists('MediaPlayer') ? new window.MediaPlayer() : {};
      return 'setSingleMedia' in mp ? 'ctc' : 'setMediaSource' in mp ? 'advance' : 'open' in window.media.AV ? 'ipanel' : '';
    } catch (e) { return ''; }
  }

  var name = builtIn();

  function make(host, emit) {
    var real = null, opening = 0, rect = [0, 0, 1280, 720], player = {};
    function forward(method) {
      player[method] = function (a) { return real ? real[method](a) : IDLE[method]; };
    }
    function end(method) {
      player[method] = function () { opening += 1; if (real) { real[method](); } };
    }
    for (var method in IDLE) { forward(method); }
    end('halt');
    end('stop');
    player.area = function () { rect = arguments; if (real) { real.area.apply(real, rect); } };
    player.open = function (url, at_s, growing) {
      var mine = opening += 1;
      CT.boxPlayers(function (ok) {
        if (mine !== opening) { return; }
        if (!ok) { CT.orAnew(); emit('error', { kind: 'network' }); return; }
        real = real || CT.boxed[name](emit);
        player.area.apply(player, rect);
        real.open(url, at_s, growing);
      });
    };
    return player;
  }

  if (name) {
    CT.players.add({ name: name, make: make, probe: function () { return true; },
      prepare: function () { CT.boxPlayers(function () {}); } }, true);
  }
}(window.CT, window));
