/* 提问: one press asks a ready sentence; digits typed go along with it (a telephone number, how many mu). Nothing is
   sent before it was shown and agreed to. */
(function (CT) {
  'use strict';
  var MOST = 20; // digits
  var COLUMNS = 2;

  /* The ready sentences of last time, or null. */
  function kept() {
    var list = CT.load('phrases');
    list = CT.api.each(list, CT.api.text);
    return list.length ? list : null;
  }

  CT.screens.ask = function (root, params) {
    var node = CT.el('div', 'screen ask', root);
    var board = CT.makeBoard();
    var about = params.about || null, phrases = kept(), digits = '', failed = null, asking = null, sending = null;
    var dialog = null, sorry = null, field;

    function rowsOf() {
      var rows = [];
      for (var i = 0; i < phrases.length; i += COLUMNS) {
        var holder = CT.el('div', 'ask-row', node);
        holder.style.top = CT.u((CT.elder ? 153 : 152) + i / COLUMNS * (CT.elder ? 104 : 96));
        rows.push(CT.makeButtons(holder, phrases.slice(i, i + COLUMNS).map(function (phrase) {
          return { label: phrase, act: function () { confirm(phrase); } };
        })));
      }
      return rows;
    }

    function say(heading, sentence, specs) {
      sorry = CT.makeSorry(node, heading, sentence, specs);
      board.rows = [sorry];
    }

    function build() {
      var back = { label: '返回', act: CT.nav.back };
      CT.el('div', 'sheet-heading', node, '我要提问');
      sorry = field = null;
      board.rows = [];
      board.r = 0;
      if (!CT.api.paired()) {
        sorry = CT.makeUnpaired(node, '绑定到自己的村以后，就能向村里提问、看答复。');
        board.rows = [sorry];
      } else if (!phrases && failed) {
        say('暂时不能提问', '网络可能不太顺畅，电视没有坏。', [{ label: '再试一次', act: fetch }, back]);
      } else if (!phrases) { say('正在打开…', '请稍等', [back]); } else {
        CT.el('div', 'ask-about', node, about ? '关于：' + about.name : '选一句，按 OK 键，就能问村里。');
        board.rows = rowsOf();
        field = CT.el('div', 'ask-field', node, '');
        field.setAttribute('aria-live', 'polite');
        drawField();
      }
    }

    function drawField() {
      CT.text(field, digits ? '加上数字：' + digits + '　（返回键清除）' : '要留电话或数目，请先按数字键');
      CT.setClass(field, digits ? 'ask-field typed' : 'ask-field');
    }

    function redraw() {
      while (node.firstChild) { CT.remove(node.firstChild); }
      dialog = null;
      screen.board = board;
      build();
      board.focus(0, 0);
      if (CT.nav.top() === screen) { board.again(); }
    }

    var mender = CT.makeMender(function () { return screen; }, learn);
    function fetch() {
      failed = null;
      if (!CT.api.paired()) { return; }
      learn();
      if (!phrases) { redraw(); }
    }
    function learn() {
      if (asking) { asking.cancel(); }
      asking = CT.api.messages(function (error, value) {
        asking = null;
        mender.told(phrases ? null : error);
        if (error && failed) { return; }
        failed = error;
        var before = JSON.stringify(phrases);
        if (!error && value.phrases.length) { phrases = value.phrases; CT.save('phrases', phrases); }
        if (!dialog && (error ? !phrases : JSON.stringify(phrases) !== before)) { redraw(); }
      });
    }

    function closeDialog() {
      if (sending) { sending.cancel(); }
      sending = null;
      if (dialog) { dialog.close(); }
      dialog = null;
      screen.board = board;
      board.again();
    }
    function openDialog(heading, sentence, specs) {
      if (dialog) { dialog.close(); }
      dialog = CT.makeDialog(node, 'ask-confirm', heading, sentence, specs);
      screen.board = dialog.board;
      dialog.board.again();
    }

    function confirm(phrase) {
      var words = digits ? phrase + ' ' + digits : phrase;
      openDialog('问村里这一句吗？', '“' + words + '”', [{ label: '发出去', act: function () { send(words); } },
        { label: '再想想', act: closeDialog }]);
    }

    function send(words) {
      openDialog('正在发出…', '“' + words + '”', [{ label: '不发了', act: closeDialog }]);
      sending = CT.api.ask(words, about, function (error) {
        sending = null;
        if (screen.closed) { return; }
        if (!error) { thank(); return; }
        refuse(error, words);
      });
    }

    function thank() {
      digits = '';
      openDialog('谢谢，已经发给村里了', '有了答复，会出现在“我的提问”里。', [{ label: '知道了', act: function () {
        closeDialog();
        CT.nav.back();
      } }]);
    }

    function refuse(error, words) {
      var back = { label: '返回', act: closeDialog };
      if (error.status === 401) { redraw(); return; }
      if (error.status === 429) { openDialog('今天问得不少了', '请明天再接着问。', [back]); return; }
      if (error.status === 404) { openDialog('问的这一项已经撤下了', '可以从“我的提问”里再问。', [back]); return; }
      openDialog('没有发出去', '网络可能不太顺畅，您的问题还在。', [{ label: '再试一次', act: function () { send(words); } }, back]);
    }

    function type(digit) {
      if (digits.length >= MOST) { CT.bump(); return; }
      digits += digit;
      drawField();
    }

    var screen = {
      node: node, board: board, closed: false,
      key: function (fn) {
        if (dialog) { return dialog.key(fn); }
        if (/^digit\d$/.test(fn)) { if (field) { type(fn.charAt(5)); } else { CT.bump(); } return true; }
        if (fn === 'ok') { board.rows[board.r].press(); return true; }
        return moveWithin(fn) || board.key(fn);
      },
      point: function (found) { return screen.board.point(found); },
      back: function () {
        if (dialog) { closeDialog(); return true; }
        if (!digits) { return false; }
        digits = '';
        drawField();
        return true;
      },
      shown: function () { if (sorry && CT.api.paired() && phrases) { redraw(); } screen.board.again(); },
      relayout: redraw,
      close: function () {
        screen.closed = true;
        mender.close();
        if (asking) { asking.cancel(); }
        if (sending) { sending.cancel(); }
      },
      state: function () {
        return { phrases: phrases ? phrases.length : 0, digits: digits, dialog: !!dialog, paired: CT.api.paired() };
      }
    };

    /* Up and down keep the column: the rows stand under each other. */
    function moveWithin(fn) {
      var step = { up: -1, down: 1 }[fn];
      var to = board.rows[board.r + step];
      if (sorry || !step || !to) { return false; }
      return board.focus(board.r + step, Math.min(board.rows[board.r].index, to.count - 1));
    }

    build();
    fetch();
    return screen;
  };
}(window.CT));
