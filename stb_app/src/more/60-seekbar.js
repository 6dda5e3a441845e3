/* The bar at the foot of the picture: where we are, and while seeking the picture of where we would be. */
(function (CT, window) {
  'use strict';
  var TRACK_LEFT = 64, TRACK_WIDTH = 1152;
  var TILE_WIDTH = 320;

  /* Which sheet and tile shows second s: tiles are numbered row by row across the sheets. */
  CT.spriteTile = function (sprite, s) {
    var perSheet = sprite.columns * sprite.rows;
    var n = CT.clamp(Math.floor(s / sprite.interval_s), 0, sprite.count - 1);
    var sheet = Math.min(Math.floor(n / perSheet), sprite.urls.length - 1);
    var inSheet = n - sheet * perSheet;
    return { url: sprite.urls[sheet], column: inSheet % sprite.columns, row: Math.floor(inSheet / sprite.columns), n: n };
  };

  /* A sheet is drawn by its own size: the last one may hold fewer columns and rows. */
  function loadSheet(tile, sprite, url) {
    var image = new window.Image();
    tile.ctUrl = url;
    tile.style.backgroundImage = 'none';
    image.onload = CT.guard(function () {
      if (tile.ctUrl !== url) { return; }
      var scale = TILE_WIDTH / sprite.tile_width;
      tile.style.backgroundSize = CT.u(image.naturalWidth * scale) + ' ' + CT.u(image.naturalHeight * scale);
      tile.style.backgroundImage = CT.cssUrl(url);
    });
    image.src = url;
  }

  function drawTile(tile, sprite, s) {
    var at = CT.spriteTile(sprite, s);
    var height = TILE_WIDTH * sprite.tile_height / sprite.tile_width;
    if (tile.ctUrl !== at.url) {
      tile.style.width = CT.u(TILE_WIDTH);
      tile.style.height = CT.u(height);
      tile.style.top = CT.u(-height - 30);
      loadSheet(tile, sprite, at.url);
    }
    tile.style.backgroundPosition = CT.u(-at.column * TILE_WIDTH) + ' ' + CT.u(-at.row * height);
  }

  CT.makeSeekbar = function (parent) {
    var node = CT.el('div', 'seekbar off', parent);
    var track = CT.el('div', 'track', node);
    var fill = CT.el('div', 'track-fill', track);
    var knob = CT.el('div', 'knob', node);
    var hover = CT.el('div', 'hover off', node);
    var tile = CT.el('div', 'tile off', hover);
    var bubble = CT.el('div', 'bubble', hover, '');
    var times = CT.el('div', 'times', node, '');
    var hint = CT.el('div', 'hint', node, '');
    var bar = { node: node };

    function place(s, duration) {
      var share = duration > 0 ? CT.clamp(s / duration, 0, 1) : 0;
      CT.moveTo(fill, (share - 1) * TRACK_WIDTH, 0);
      CT.moveTo(knob, TRACK_LEFT + share * TRACK_WIDTH, 0);
      return share;
    }

    /* label(s) -> text; where given it stands for the length too (a programme's times of day). */
    bar.set = function (s, duration, words, label) {
      place(s, duration);
      CT.text(times, label ? label(s) : CT.clock(s) + ' / ' + CT.clock(duration));
      CT.text(hint, words);
    };
    /* Shows second s as the target; sprite may be null. */
    bar.preview = function (s, duration, sprite, label) {
      var share = place(s, duration);
      var x = CT.clamp(TRACK_LEFT + share * TRACK_WIDTH, TRACK_LEFT + TILE_WIDTH / 2, TRACK_LEFT + TRACK_WIDTH - TILE_WIDTH / 2);
      CT.moveTo(hover, x, 0);
      CT.text(bubble, label ? label(s) : CT.clock(s));
      CT.setClass(hover, 'hover');
      CT.setClass(tile, sprite ? 'tile' : 'tile off');
      if (sprite) { drawTile(tile, sprite, s); }
    };
    bar.endPreview = function () { CT.setClass(hover, 'hover off'); };
    bar.show = function (on) { CT.setClass(node, on ? 'seekbar' : 'seekbar off'); };
    return bar;
  };
}(window.CT, window));
