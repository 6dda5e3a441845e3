/* 我的提问: what this household has asked, and the answers; a new answer carries the word. */
(function (CT) {
  'use strict';
  var UNPAIRED = '绑定到自己的村以后，就能向村里提问、看答复。';

  function wordsOf(item) {
    var state = !item.answer ? '等待答复' : item.seen ? '已答复' : '';
    return { title: item.text, tag: item.answer && !item.seen ? '新答复' : '', strong: !!item.answer && !item.seen, picture: null,
      meta: [CT.dateWords(item.asked_at) + ' 提问', item.about, state].filter(function (part) { return !!part; }).join('　') };
  }

  CT.screens.messages = function (root) {
    var node = CT.el('div', 'screen messages sheets', root);
    var board = CT.makeBoard();
    var items = null, failed = null, asking = null, top = null, list = null, sorry = null, place;

    function openAsk() { CT.nav.open('ask', {}); }

    function build() {
      CT.el('div', 'sheet-heading', node, '我的提问');
      place = CT.el('div', 'sheet-place', node, '');
      CT.el('div', 'sheet-hint', node, '上下键选择，OK 键打开');
      list = CT.makeSheets(node, wordsOf);
      top = CT.makeButtons(CT.el('div', 'sheet-buttons', node), [{ label: '我要提问', act: openAsk }]);
    }

    function nothing() {
      if (!CT.api.paired()) { return CT.makeUnpaired(node, UNPAIRED); }
      if (failed) {
        return CT.makeSorry(node, '暂时取不到您的提问', '网络可能不太顺畅，电视没有坏。', [{ label: '再试一次', act: fetch },
          { label: '返回', act: CT.nav.back }]);
      }
      if (!items) { return CT.makeSorry(node, '正在打开…', '请稍等', [{ label: '返回', act: CT.nav.back }]); }
      return CT.makeSorry(node, '还没有提过问题', '账目看不明白、办事找不着人，都可以问村里。', [{ label: '我要提问', act: openAsk },
        { label: '返回', act: CT.nav.back }]);
    }

    function draw() {
      var some = !!items && items.length > 0 && CT.api.paired();
      var index = list.index;
      if (sorry) { sorry.close(); sorry = null; }
      CT.setClass(node, some ? 'screen messages sheets' : 'screen messages sheets bare');
      if (!some) {
        sorry = nothing();
        board.rows = [sorry];
        CT.text(place, '');
        board.focus(0, 0);
      } else {
        list.count = items.length;
        list.index = CT.clamp(index, 0, items.length - 1);
        list.grid.load(CT.listSource(items), list.index);
        var stood = board.rows.length === 2 ? board.r : 1;
        board.r = 0;
        board.rows = [top, list];
        board.focus(stood);
        tell();
      }
      if (CT.nav.top() === screen) { board.again(); }
    }

    function tell() {
      var unread = items.filter(function (item) { return item.answer && !item.seen; }).length;
      CT.text(place, unread ? '有 ' + unread + ' 条新答复' : '共 ' + items.length + ' 条');
    }

    var mender = CT.makeMender(function () { return screen; }, ask);
    function fetch() {
      if (!CT.api.paired()) { items = null; return; }
      failed = null;
      if (!items) { draw(); }
      ask();
    }
    function ask() {
      if (asking) { asking.cancel(); }
      asking = CT.api.messages(function (error, value) {
        asking = null;
        mender.told(error);
        if (error && items) { CT.note('网络不太顺畅，看到的可能不是最新的'); return; }
        if (error && failed) { return; }
        failed = error;
        if (!error) { items = value.items; CT.save('phrases', value.phrases); }
        draw();
      });
    }

    function open(item) {
      if (item.answer && !item.seen) {
        CT.api.seen(item.id, function (error) {
          if (!error) { item.seen = true; if (CT.askBox) { CT.askBox(); } }
        });
      }
      CT.nav.open('reader', { message: item });
    }

    function move(fn) {
      var to = list.step(fn);
      if (to === undefined) { return false; }
      if (to === 'up') { board.focus(0); } else if (to === null) { CT.bump(); } else { board.focus(1, to); }
      return true;
    }

    var screen = {
      node: node, board: board,
      key: function (fn) {
        var row = board.rows[board.r];
        if (fn === 'ok') { if (row === list) { open(items[list.index]); } else { row.press(); } return true; }
        return row === list ? move(fn) : board.key(fn);
      },
      point: board.point,
      shown: function () { draw(); fetch(); },
      relayout: function () {
        var index = list.index;
        while (node.firstChild) { CT.remove(node.firstChild); }
        sorry = null;
        build();
        list.index = index;
        draw();
      },
      close: function () {
        mender.close();
        if (asking) { asking.cancel(); }
      },
      state: function () { return { count: items ? items.length : 0, failed: !!failed, paired: CT.api.paired() }; }
    };
    build();
    draw();
    return CT.withRowDigits(screen, function () { return list; }, function (i) { return items[i].text; }, function () { return !!sorry; });
  };
}(window.CT));
