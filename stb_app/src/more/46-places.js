/* Digits on a screen with a list: the place that they name takes the focus. */
(function (CT) {
  'use strict';

  /* Gives a screen that is made already the digits. spec: {name(n) -> what stands at the n-th place, take(n) -> the
     sentence to show where there is none, else '', busy() -> whether something on top has the keys}. */
  CT.withDigits = function (screen, spec) {
    var plain = { key: screen.key, back: screen.back, hidden: screen.hidden, relayout: screen.relayout, close: screen.close };
    var digits;

    function build() { digits = CT.makeDigits(screen.node, spec.name, spec.take); }
    function after(name) {
      screen[name] = function () {
        digits.hide();
        if (plain[name]) { plain[name](); }
      };
    }

    build();
    after('hidden');
    after('close');
    screen.key = function (fn, held) { return !spec.busy() && digits.key(fn) || plain.key(fn, held); };
    screen.back = function () { return !!digits.typed() && digits.key('back') || !!plain.back && plain.back(); };
    screen.relayout = function () {
      digits.hide();
      plain.relayout(); // empties the node
      build();
    };
    return screen;
  };

  /* The same where the places are those of one row of a board, from 1 on. label(i) -> text. */
  CT.withRowDigits = function (screen, row, label, busy) {
    return CT.withDigits(screen, {
      busy: function () { return busy() || !row().count; },
      name: function (n) { return n > 0 && n <= row().count ? label(n - 1) : ''; },
      take: function (n) {
        if (n < 1 || n > row().count) { return '没有第 ' + n + ' 个'; }
        screen.board.focus(screen.board.rows.indexOf(row()), n - 1);
        return '';
      }
    });
  };
}(window.CT));
