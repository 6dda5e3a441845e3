/* 搜索: keys on the left, what they lead to on the right, live from the second key on. The remote's digits type on the
   nine keys at once, and what they find first is an OK away; page keys lead to the list. Before anything is typed: what
   was found here lately (清空 forgets all of it, the red key one), and what others watch. */
(function (CT, window) {
  'use strict';
  var ASK_MS = 120, SHOW_FROM = 2, LONGEST = 24, KEPT = 30;
  var SIZES = { normal: { pitch: 92, visible: 6 }, elder: { pitch: 112, visible: 5 } };
  var HINT = { initials: '按拼音的首字母找，例如“农业”按 N Y', t9: '按数字键找，例如“农业”按 6 9' };

  CT.screens.search = function (root) {
    var node = CT.el('div', 'screen search', root);
    var typed = '', form = CT.load('searchForm') === 't9' ? 't9' : 'initials', kind = '';
    var answers = {}, order = [], popular = [], asked = null, timer = null, offline = false, closed = false;
    var byDigits = false, lately = 0; // typed by the remote's digits; how many of the items were found here
    var letters, field, tabsNode, words, strip, results, tabs, zone = 'letters', items = [];
    var resultBoard = CT.makeBoard(), tabBoard = CT.makeBoard(), screen;

    function size() { return CT.elder ? SIZES.elder : SIZES.normal; }
    function boardOf(name) { return name === 'letters' ? letters.board : name === 'tabs' ? tabBoard : resultBoard; }

    function enter(name) {
      var from = boardOf(zone), row = from.rows[from.r];
      if (zone !== name && row && zone !== 'letters') { row.paint(row.index, false); }
      zone = name;
      letters.light(name === 'letters');
      screen.board = boardOf(name);
      screen.board.focus(screen.board.r);
    }

    function build() {
      CT.el('div', 'search-panel', node);
      field = CT.el('div', 'search-field', node, '');
      field.setAttribute('role', 'status');
      letters = CT.makeLetters(node, form, type);
      tabsNode = CT.el('div', 'search-tabs', node);
      words = CT.el('div', 'search-words', node, '');
      var port = CT.el('div', 'search-port', node);
      CT.neverScroll(port);
      strip = CT.makeStrip(port, CT.foundSpec(size()));
      results = { count: 0, index: 0, el: strip.el, paint: strip.paint, find: strip.find,
        label: function () { return items[results.index].name; } };
    }

    function sayField() {
      CT.text(field, typed || (form === 't9' ? '按数字键' : '按首字母'));
      CT.setClass(field, typed ? 'search-field' : 'search-field faint');
      field.setAttribute('aria-label', '已输入 ' + (typed ? typed.split('').join(' ') : '无'));
    }

    /* 全部 and the kinds in which something was found. */
    function makeTabs(counts) {
      tabs = CT.makeFoundTabs(tabsNode, counts, function () { return kind; });
      tabBoard.rows = tabs ? [tabs] : [];
      if (zone === 'tabs') { enter(tabs ? 'tabs' : 'letters'); }
    }

    function show(found, sentence) {
      items = found;
      results.count = items.length;
      results.index = 0;
      resultBoard.rows = items.length ? [results] : [];
      strip.load(items, 0, zone === 'results' && items.length ? 0 : undefined);
      if (zone === 'results' && !items.length) { enter('letters'); }
      CT.text(words, sentence);
    }

    function draw() {
      var answer = typed ? answers[form + kind + ':' + typed] : null;
      sayField();
      if (!typed) {
        var mine = CT.foundHere.list(), seen = {};
        lately = mine.length;
        mine.forEach(function (one) { seen[one.kind + one.id] = true; });
        letters.lead(null);
        makeTabs({});
        show(mine.concat(popular.filter(function (one) { return !seen[one.kind + one.id]; })),
          lately ? '最近找过的和大家在看的' : popular.length ? '大家在看' : HINT[form]);
        return;
      }
      lately = 0;
      if (!answer) {
        letters.lead(null);
        if (offline) { show([], '暂时连不上服务器，正在重试…'); }
        return;
      }
      letters.lead(answer.next);
      if (typed.length < SHOW_FROM) { makeTabs({}); show([], '再按一个键就能看到结果'); return; }
      if (!kind) { makeTabs(answer.counts); }
      show(answer.items, answer.items.length ? '' : '没有找到。删掉一个键再试试');
      if (byDigits && items.length && zone === 'letters') { enter('results'); }
    }

    /* Forgets what was found here: all of it, or one. OK takes it back. */
    function forget(gone) {
      var restore = CT.foundHere.forget(gone);
      CT.mine.undoable(gone ? '已去掉' : '记录已清空', function () { /* only this box knew */ }, function () {
        restore();
        if (!closed) { draw(); }
      });
      draw();
    }

    function keep(key, answer) {
      if (!answers[key]) { order.push(key); }
      answers[key] = answer;
      if (order.length > KEPT) { delete answers[order.shift()]; }
    }

    function ask() {
      var key = form + kind + ':' + typed;
      if (asked) { asked.cancel(); asked = null; }
      if (!typed || answers[key]) { draw(); return; }
      asked = CT.api.suggest(typed, form, kind, function (error, answer) {
        asked = null;
        if (closed || key !== form + kind + ':' + typed) { return; }
        offline = !!error;
        if (error) { timer = CT.later(ask, 3000); } else { keep(key, answer); }
        draw();
      });
    }

    function changed() {
      window.clearTimeout(timer);
      kind = '';
      sayField();
      if (!typed || answers[form + ':' + typed]) { ask(); } else { timer = CT.later(ask, ASK_MS); }
    }
    function turnTo(name) {
      kind = name;
      tabs.kinds.forEach(function (other, i) { tabs.paint(i, i === tabs.index); });
      ask();
    }
    function turnForm(to) {
      form = to;
      CT.save('searchForm', form);
      letters.close();
      letters = CT.makeLetters(node, form, type);
      if (zone === 'letters') { screen.board = letters.board; enter('letters'); } else { letters.light(false); }
    }

    function type(spec) {
      if (spec.act === 'clear' && !typed && lately) { forget(null); return; }
      if (spec.act === 'erase') { typed = typed.slice(0, -1); } else if (spec.act === 'clear') { typed = ''; }
      else if (spec.act === 'turn') {
        // Letters have their digits; digits alone do not tell which letter was meant.
        typed = form === 't9' ? '' : typed.split('').map(CT.digitOf).join('');
        turnForm(form === 't9' ? 'initials' : 't9');
      } else if (typed.length < LONGEST) { typed += spec.type; } else { CT.bump(); return; }
      changed();
    }

    /* A digit of the remote: from now on it is the nine keys. */
    function typeDigit(digit) {
      if (form !== 't9') { type({ act: 'turn' }); }
      byDigits = true;
      type({ type: digit });
    }
    function erase() {
      if (typed) { type({ act: 'erase' }); } else if (zone === 'results' && results.index < lately) { forget(items[results.index]); }
      else { CT.bump(); }
    }

    function press() {
      if (zone === 'letters') { byDigits = false; letters.press(); return; }
      if (zone === 'tabs') { turnTo(tabs.kinds[tabs.index]); return; }
      var one = items[results.index];
      CT.foundHere.remember(one);
      CT.openFound(one);
    }

    var TURN = { pageup: -1, pagedown: 1, chup: -1, chdown: 1 };
    function inResults(step) {
      var next = CT.clamp(results.index + step, 0, items.length - 1);
      if (next !== results.index) { resultBoard.focus(0, next); return true; }
      return step < 0 && tabBoard.rows.length > 0 && to('tabs');
    }
    function to(name) { enter(name); return true; }
    function move(fn) {
      var down = fn === 'down' ? 1 : fn === 'up' ? -1 : 0, right = fn === 'right' ? 1 : fn === 'left' ? -1 : 0;
      if (zone === 'letters') {
        return down ? letters.step(down) : letters.move(right) || (right > 0 && (items.length ? to('results') : tabBoard.rows.length > 0 && to('tabs')));
      }
      if (zone === 'tabs') {
        if (right && tabBoard.move(0, right)) { return true; }
        return fn === 'left' ? to('letters') : fn === 'down' && items.length > 0 && to('results');
      }
      if (fn === 'left') { byDigits = false; return to('letters'); }
      return down !== 0 && inResults(down);
    }

    /* Page keys turn what was found, and lead to it. */
    function turn(way) {
      return zone === 'results' ? inResults(way * size().visible) : way > 0 && items.length > 0 && to('results');
    }

    function onKey(fn) {
      if (/^digit\d$/.test(fn)) { typeDigit(fn.charAt(5)); }
      else if (fn === 'ok') { press(); }
      else if (fn === 'red') { erase(); }
      else if (CT.has(TURN, fn)) { if (!turn(TURN[fn])) { CT.bump(); } }
      else if (/^(up|down|left|right)$/.test(fn)) { if (!move(fn)) { CT.bump(); } }
      else { return false; }
      return true;
    }

    var mender = CT.makeMender(function () { return screen; }, askPopular);
    function askPopular() {
      CT.api.popular(function (error, answer) {
        if (closed) { return; }
        mender.told(error);
        if (error) { return; }
        popular = answer.items;
        if (!typed) { draw(); }
      });
    }
    askPopular();
    build();
    screen = {
      node: node, board: letters.board,
      key: onKey,
      point: function (found) {
        return ['letters', 'tabs', 'results'].some(function (name) { return boardOf(name).point(found) && (enter(name), true); });
      },
      back: function () { return false; },
      shown: function () {
        draw();
        enter(zone);
        screen.board.again();
      },
      relayout: function () {
        while (node.firstChild) { CT.remove(node.firstChild); }
        zone = 'letters';
        build();
        screen.board = letters.board;
        draw();
      },
      close: function () {
        closed = true;
        mender.close();
        window.clearTimeout(timer);
        if (asked) { asked.cancel(); }
      },
      state: function () {
        return { typed: typed, form: form, kind: kind, zone: zone, found: items.map(function (one) { return one.name; }),
          words: words.ctText, offline: offline, settled: !typed || !!answers[form + kind + ':' + typed] };
      }
    };
    return screen;
  };
}(window.CT, window));
