/* A windowed row: a fixed pool of cells slides along a list of any length; the DOM never grows. */
(function (CT) {
  'use strict';
  function mod(k, n) { return ((k % n) + n) % n; }

  var QUICK_MS = 200;

  /* What may wait while things fly past: pictures a slow box should not fetch, words behind them. The function returned
     runs work at once; when the keys rest where one is held or they come quickly (moved: it is a key's doing). */
  CT.makeLater = function (work) {
    var movedAt = 0;
    return function (moved) {
      var now = new Date().getTime();
      var quick = CT.keys.held() || (moved && Math.abs(now - movedAt) < QUICK_MS);
      if (moved) { movedAt = now; }
      if (quick) { CT.atRest(work); } else { work(); }
    };
  };

  /* Gives cells the pictures of what they were bound to, later (makeLater); a cell without one yet is not `pictured`. */
  CT.makePictures = function (cells, picture, dress) {
    return CT.makeLater(function () {
      cells.forEach(function (cell) {
        if (cell.pictured || !cell.item) { return; }
        picture(cell, cell.item);
        cell.pictured = true;
        dress(cell);
      });
    });
  };

  /* spec: {pitch (design px), visible (cells wholly on screen), upright (a column, not a row), make(parent) -> cell,
     bind(cell, item, k), picture(cell, item)}. A cell is {node, name: class without state}. */
  CT.makeStrip = function (parent, spec) {
    var box = CT.el('div', 'strip', parent);
    var size = spec.visible + 2; // one more on either side, so that a step has something to slide in
    var cells = [];
    var strip = { items: [], first: 0 };
    var focused = -1;

    function place(node, along) { CT.moveTo(node, spec.upright ? 0 : along, spec.upright ? along : 0); }

    function dress(cell) {
      var state = cell.k < 0 || cell.k >= strip.items.length ? ' off' : cell.k === focused ? ' focus' : '';
      CT.setClass(cell.node, cell.name + state);
    }

    var pictures = CT.makePictures(cells, spec.picture, dress);

    function bind(cell, k) {
      var item = strip.items[k] || null;
      var moved = cell.k !== k;
      cell.k = k;
      if (cell.item !== item) {
        cell.item = item;
        cell.pictured = false;
        if (item) { spec.bind(cell, item, k); }
      }
      if (moved) { place(cell.node, k * spec.pitch); }
      dress(cell);
    }

    function slide(moved) {
      for (var k = strip.first - 1; k <= strip.first + spec.visible; k += 1) { bind(cells[mod(k, size)], k); }
      place(box, -strip.first * spec.pitch);
      pictures(moved);
    }

    /* Shows a list with cell `first` at the left edge. */
    strip.load = function (items, first, focusAt) {
      strip.items = items;
      strip.first = CT.clamp(first, 0, Math.max(0, items.length - spec.visible));
      focused = focusAt === undefined ? -1 : focusAt;
      slide();
    };
    /* Binds all anew: what is shown of the items may have changed. */
    strip.refresh = function () {
      cells.forEach(function (cell) { cell.item = undefined; });
      slide();
    };
    strip.el = function (i) { return cells[mod(i, size)].node; };
    strip.find = function (node) {
      for (var i = 0; i < size; i += 1) { if (cells[i].node === node) { return cells[i].k; } }
      return -1;
    };
    /* Marks cell i (or unmarks it), sliding no further than needed to show it. */
    strip.paint = function (i, isFocused) {
      var first = isFocused ? CT.clamp(strip.first, i - spec.visible + 1, i) : strip.first;
      focused = isFocused ? i : -1;
      if (first !== strip.first) { strip.first = first; slide(true); }
      dress(cells[mod(i, size)]);
    };
    for (var n = 0; n < size; n += 1) {
      var cell = spec.make(box);
      cell.k = null;
      cell.item = null;
      cells.push(cell);
    }
    return strip;
  };
}(window.CT));
