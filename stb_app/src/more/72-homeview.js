/* What home looks like: a head, live television and the menu (a bar of buttons where there is no channel), and a
   fixed pool of row views that slides along any number of rows. */
(function (CT, window) {
  'use strict';
  var REST_MS = 150;
  var PORT_LOW = 632, PORT_HIGH = 196; // top of the rows below the big window, and below the small one
  function mod(k, n) { return ((k % n) + n) % n; }

  /* The head's button is the size of the text; the others stand before it. */
  function makeBar(node) {
    var bar = CT.el('div', 'topbar', node);
    CT.el('div', 'brand-mark', bar);
    CT.el('div', 'brand', bar, '村台');
    var clock = CT.el('div', 'wall-clock', bar, CT.wallClock());
    var date = CT.el('div', 'wall-date', bar, CT.wallDate());
    return { node: bar, tick: function () { CT.text(clock, CT.wallClock()); CT.text(date, CT.wallDate()); } };
  }

  function makeBarButtons(bar) {
    return CT.makeButtons(CT.el('div', 'topbar-buttons', bar.node), CT.homeEntries());
  }

  /* live: the screen whose picture shows in the window, or null. */
  CT.makeHomeView = function (node, live) {
    var bar, port, stage, views, row0, empty = null, rows = [], top = 0, resting = null;
    var view = {};

    function pitch() { return live ? CT.sizes().framedPitch : CT.sizes().rowPitch; }
    function visibleRows() { return live ? 1 : CT.sizes().rowsVisible; }

    function makeView() {
      var box = CT.el('div', 'row', stage);
      return { box: box, name: CT.el('div', 'row-name', box, ''), strip: CT.makeStrip(box, CT.cardSpec()), row: null };
    }

    function build() {
      row0 = live ? CT.makeHomeMenu(node, live) : null; // what paints the page lies lowest
      bar = makeBar(node);
      row0 = row0 || makeBarButtons(bar);
      port = CT.el('div', 'port', node);
      if (live) { CT.moveTo(port, 0, PORT_LOW); }
      CT.neverScroll(port);
      stage = CT.el('div', 'stage', port);
      views = [];
      for (var i = 0; i < visibleRows() + 2; i += 1) { views.push(makeView()); }
    }

    /* The view that shows row r, bound to it if it was not. */
    function viewOf(r) {
      var v = views[mod(r, views.length)];
      var row = rows[r] || null;
      if (v.row !== row || v.r !== r) {
        v.row = row;
        v.r = r;
        CT.moveTo(v.box, 0, r * pitch());
        CT.setClass(v.box, row ? 'row' : 'row off');
        CT.text(v.name, row ? row.model.name : '');
        v.strip.load(row ? row.model.items : [], row ? row.first : 0);
      }
      return v;
    }

    /* The row above the port is out of sight: it is bound when the finger rests, or when it comes into view. */
    function slide() {
      for (var r = top; r <= top + visibleRows(); r += 1) { viewOf(r); }
      CT.moveTo(stage, 0, -top * pitch());
      window.clearTimeout(resting);
      resting = CT.later(function () { viewOf(top - 1); }, REST_MS);
    }

    function makeRow(model, r, index) {
      var row = { model: model, count: model.items.length, index: index, first: index };
      row.el = function (i) { return viewOf(r).strip.el(i); };
      row.paint = function (i, focused) {
        var strip = viewOf(r).strip;
        strip.paint(i, focused);
        row.first = strip.first;
      };
      row.find = function (target) { return views[mod(r, views.length)].row === row ? viewOf(r).strip.find(target) : -1; };
      row.label = function () { return model.items[row.index].title; };
      return row;
    }

    function showEmpty(words) {
      empty = CT.el('div', 'empty', live ? port : node);
      CT.el('div', 'empty-heading', empty, words.heading);
      CT.el('div', 'empty-text', empty, words.text);
      return CT.makeButtons(CT.el('div', 'empty-buttons', empty), [{ label: words.button, act: words.act }]);
    }

    function remembered(old, id) {
      for (var i = 0; i < old.length; i += 1) { if (old[i].model.id === id) { return old[i]; } }
      return null;
    }

    /* Takes the rows [{id, name, items}] (or what to say when there are none); returns the board's rows. */
    view.load = function (models, words) {
      var old = rows;
      CT.remove(empty);
      empty = null;
      rows = models.map(function (model, r) {
        var before = remembered(old, model.id);
        var row = makeRow(model, r, before ? Math.min(before.index, model.items.length - 1) : 0);
        if (before) { row.first = before.first; }
        return row;
      });
      for (var i = 0; i < views.length; i += 1) { views[i].row = undefined; }
      top = CT.clamp(top, 0, Math.max(0, rows.length - 1));
      slide();
      return [row0].concat(words ? [showEmpty(words)] : rows);
    };

    /* The board's row r (0 is the bar) took the focus: no further than needed to show it whole. */
    view.onRow = function (r) {
      if (live) {
        row0.shrink(r > 0);
        CT.moveTo(port, 0, r > 0 ? PORT_HIGH : PORT_LOW);
      }
      if (empty) { return; }
      var next = r < 1 ? live ? 0 : top : CT.clamp(top, r - visibleRows(), r - 1);
      if (next !== top) { top = next; slide(); }
    };

    view.rebuild = function () {
      if (live) { row0.close(); }
      while (node.firstChild) { CT.remove(node.firstChild); }
      empty = null;
      rows = rows.slice();
      top = 0;
      build();
    };
    build();
    var timer = CT.every(function () { bar.tick(); }, 15000);
    view.show = function () { if (live) { row0.show(); } };
    view.hide = function () { if (live) { row0.hide(); } };
    view.close = function () {
      window.clearInterval(timer);
      window.clearTimeout(resting);
      if (live) { row0.close(); }
    };
    return view;
  };
}(window.CT, window));
