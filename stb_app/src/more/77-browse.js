/* 点播: the categories down the left, the titles of the one in focus beside them, however many. Digits name a place in
   the list; each category keeps its place. */
(function (CT, window) {
  'use strict';
  var PAGE = 60;
  var SETTLE_MS = 250; // a category is fetched when the finger rests on it
  var DIGITS = 5;
  var SIZES = {
    normal: { list: { pitch: 90, visible: 6 }, grid: { columns: 3, rows: 2, across: 290, down: 256 } },
    elder: { list: { pitch: 104, visible: 5 }, grid: { columns: 2, rows: 1, across: 404, down: 344 } }
  };
  var places = {};   // slug -> {index, first} in its list
  var lastSlug = null;

  CT.screens.browse = function (root, params) {
    var node = CT.el('div', 'screen browse', root);
    var size, ui, strip, grid, pager, digits, catRow, gridRow, message;
    var categories = [], shown = null, state = 'loading', settle = null, asked = null, want = null, side = 0;
    var board = CT.makeBoard(function (r) { side = r; });
    var mender = CT.makeMender(function () { return screen; }, function () {
      if (pager) { pager.near(gridRow.index); } else { fetch(true); }
    });

    function build() {
      size = CT.elder ? SIZES.elder : SIZES.normal;
      ui = { brand: CT.el('div', 'page-name', node, '点播学习'), count: CT.el('div', 'page-count', node, ''), off: null };
      ui.list = CT.el('div', 'cat-port', node);
      ui.port = CT.el('div', 'browse-port', node);
      ui.empty = null;
      CT.neverScroll(ui.list);
      CT.neverScroll(ui.port);
      strip = CT.makeCategories(ui.list, size.list, function () { return shown; });
      grid = CT.makeGrid(ui.port, CT.extend({ none: { title: '…', category: '', category_name: '' } }, CT.extend(CT.extend({}, size.grid), CT.cardCell)));
      digits = CT.makeDigits(node, function (number) { return '第 ' + number + ' 个'; }, jump, DIGITS);
      catRow = { count: 0, index: 0, el: strip.el, paint: strip.paint, find: strip.find,
        label: function () { return categories[catRow.index].name; } };
      gridRow = { count: 0, index: 0, el: grid.el, paint: grid.paint, find: grid.find,
        label: function () { var item = pager && pager.item(gridRow.index); return item ? item.title : '…'; } };
    }

    /* What to say in place of titles, with a button where there is something to do. */
    function say(heading, sentence, label, act) {
      if (heading && heading + label === ui.says) { return; }
      ui.says = heading + label;
      CT.remove(ui.empty);
      ui.empty = message = null;
      if (!heading) { return; }
      ui.empty = CT.el('div', 'empty', ui.port);
      CT.el('div', 'empty-heading', ui.empty, heading);
      CT.el('div', 'empty-text', ui.empty, sentence);
      if (label) { message = CT.makeButtons(CT.el('div', 'empty-buttons', ui.empty), [{ label: label, act: act }]); }
    }

    function rows() { return (categories.length ? [catRow] : []).concat(message || (gridRow.count ? [gridRow] : [])); }

    var counted = CT.makeLater(function () {
      var total = pager ? pager.ended() ? pager.count() : Math.max(pager.count(), shown.count) : 0;
      CT.text(ui.count, !shown ? '' : board.rows[side] === gridRow ? shown.name + '　第 ' + (gridRow.index + 1) + ' 个，共 ' + total + ' 个' :
        total ? shown.name + '　共 ' + total + ' 个' : shown.name);
    });

    /* The rows of the board are those there are; the focus stays where it was if it can. */
    function again() {
      board.rows = rows();
      side = Math.min(side, Math.max(0, board.rows.length - 1));
      if (board.rows.length && CT.nav.top() === screen) { board.focus(side); }
      counted();
    }

    function told() {
      mender.told(pager.error);
      gridRow.count = pager.count();
      state = pager.count() ? 'ready' : pager.state === 'failed' ? 'failed' : pager.state === 'ready' ? 'empty' : 'loading';
      if (state === 'failed') { say('暂时连不上服务器', '电视没有坏，过一会儿再试。', '再试一次', retry); }
      else if (state === 'empty') { say('这里还没有节目', '县里发布以后，会出现在这里。'); }
      else { say(null); }
      if (pager.state === 'failed' && pager.count()) { CT.note('网络不太顺畅，正在重试…'); }
      var place = places[shown.slug];
      if (place && !place.back && (pager.count() > place.index || pager.ended() || pager.state === 'failed')) { comeBack(place); }
      else { grid.refresh(); }
      reach();
      again();
    }

    function comeBack(place) {
      place.back = true;
      gridRow.index = CT.clamp(place.index, 0, Math.max(0, pager.count() - 1));
      grid.load(pager, gridRow.index, place.first);
      pager.near(gridRow.index);
    }

    function retry() {
      say('正在打开…', '请稍等');
      pager.near(0);
      again();
    }

    /* The titles of a category, where they were left. */
    function load(category) {
      window.clearTimeout(settle);
      if (shown === category) { return; }
      if (pager) { pager.close(); }
      shown = category;
      lastSlug = category.slug;
      want = null;
      gridRow.index = gridRow.count = 0;
      say('正在打开…', '请稍等');
      pager = CT.makePager(function (cursor, done) { return CT.api.titles(category.slug, PAGE, cursor, done); }, told);
      if (places[category.slug]) { places[category.slug].back = false; pager.near(places[category.slug].index); }
      grid.load(pager, 0, 0);
      strip.refresh();
      again();
    }

    function keepPlace() {
      if (shown) { places[shown.slug] = { index: gridRow.index, first: grid.first, back: true }; }
    }

    function walk(step) {
      var to = CT.clamp(catRow.index + step, 0, categories.length - 1);
      if (to === catRow.index) { CT.bump(); return; }
      board.focus(0, to);
      window.clearTimeout(settle);
      settle = CT.later(function () { load(categories[catRow.index]); }, SETTLE_MS);
    }
    function enter() {
      load(categories[catRow.index]);
      if (board.rows.length > 1) { board.focus(1); counted(); } else { CT.bump(); }
    }

    function goTo(k) {
      board.focus(side, k);
      pager.near(k);
      keepPlace();
      counted(true);
    }

    /* A place typed in: what is not there yet is fetched on the way. */
    function jump(number) {
      if (!pager || !pager.count() || number < 1) { return '没有第 ' + number + ' 个'; }
      if (pager.ended() && number > pager.count()) { return '一共 ' + pager.count() + ' 个'; }
      want = number - 1;
      reach();
      return '';
    }
    function reach() {
      if (want === null || !pager.count()) { return; }
      var k = Math.min(want, pager.count() - 1);
      if (k === want || pager.ended() || pager.state === 'failed') { want = null; } else { CT.note('正在翻到第 ' + (want + 1) + ' 个…', 2); }
      side = categories.length ? 1 : 0;
      board.rows = rows();
      if (CT.nav.top() === screen) { goTo(k); }
    }

    var STEPS = { up: -1, chup: -1, down: 1, chdown: 1 };
    function inList(fn) {
      if (CT.has(STEPS, fn)) { walk(STEPS[fn]); }
      else if (fn === 'pageup' || fn === 'pagedown') { walk(fn === 'pageup' ? -size.list.visible : size.list.visible); }
      else if (fn === 'right' || fn === 'ok') { enter(); }
      else if (fn === 'left') { CT.bump(); }
      else { return false; }
      return true;
    }
    function inGrid(fn) {
      if (fn === 'ok') {
        var item = pager.item(gridRow.index);
        if (item) { keepPlace(); CT.nav.open('title', { card: item }); } else { CT.bump(); }
        return true;
      }
      var to = grid.step(fn, gridRow.index, gridRow.count);
      if (to === undefined) { return false; }
      if (to === 'left' && categories.length) { board.focus(0); counted(); } else if (typeof to === 'number') { goTo(to); } else { CT.bump(); }
      return true;
    }
    function inMessage(fn) {
      if (fn === 'ok') { message.press(); return true; }
      if (fn === 'left' && categories.length) { board.focus(0); return true; }
      return board.key(fn);
    }

    /* The category asked for, the one of last time, or the first. */
    function begin(list) {
      categories = list;
      var at = 0, wanted = params.category || lastSlug;
      list.forEach(function (category, i) { if (category.slug === wanted) { at = i; } });
      catRow.count = list.length;
      catRow.index = at;
      strip.load(list, at - Math.floor(size.list.visible / 2));
      if (list.length) { load(list[at]); } else { say('还没有节目', '县里发布以后，会出现在这里。', '刷新', open); again(); }
    }

    function open() { fetch(); }
    function fetch(quiet) {
      if (asked) { asked.cancel(); }
      if (!quiet) { say('正在打开…', '请稍等'); }
      asked = CT.api.categories(function (error, list) {
        asked = null;
        list = error ? CT.categoriesOfHome() : list;
        mender.told(list.length ? null : error);
        if (list.length || !error) { begin(list); return; }
        say('暂时连不上服务器', '电视没有坏，过一会儿再试。', '再试一次', open);
        again();
      });
    }

    var screen = {
      node: node, board: board,
      key: function (fn) {
        if (digits.key(fn)) { return true; }
        want = null;
        if (!board.rows.length) { return false; }
        var row = board.rows[side];
        return row === catRow ? inList(fn) : row === gridRow ? inGrid(fn) : inMessage(fn);
      },
      point: function (target) {
        if (!board.point(target)) { return false; }
        side = board.r;
        return true;
      },
      shown: function () { again(); CT.focusNow(board.el()); },
      hidden: function () { digits.hide(); },
      relayout: function () {
        while (node.firstChild) { CT.remove(node.firstChild); }
        var at = catRow.index, index = gridRow.index, count = gridRow.count;
        digits.hide();
        build();
        catRow.count = categories.length;
        catRow.index = at;
        strip.load(categories, at - Math.floor(size.list.visible / 2));
        gridRow.index = index;
        gridRow.count = count;
        if (pager) { grid.load(pager, index, 0); told(); } else { fetch(); }
      },
      close: function () {
        window.clearTimeout(settle);
        keepPlace();
        digits.hide();
        mender.close();
        if (asked) { asked.cancel(); }
        if (pager) { pager.close(); }
      },
      state: function () {
        return { category: shown ? shown.slug : null, count: gridRow.count, state: state, index: gridRow.index, side: side };
      }
    };
    build();
    fetch();
    return screen;
  };
}(window.CT, window));
