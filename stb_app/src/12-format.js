/* How times read on the screen. The county's clock is UTC+8 whatever the box believes. */
(function (CT) {
  'use strict';
  function two(n) { return (n < 10 ? '0' : '') + n; }

  /* 3725 -> '1:02:05', 65 -> '01:05'; anything unknown -> '--:--'. */
  CT.clock = function (seconds) {
    if (!CT.isNumber(seconds) || seconds < 0) { return '--:--'; }
    var s = Math.floor(seconds);
    var h = Math.floor(s / 3600);
    return (h ? h + ':' : '') + two(Math.floor(s / 60) % 60) + ':' + two(s % 60);
  };

  /* 61.2 -> '1 分钟', 45 -> '45 秒', 5400 -> '1 小时 30 分'. */
  CT.lengthText = function (seconds) {
    if (!CT.isNumber(seconds) || seconds <= 0) { return ''; }
    var minutes = Math.round(seconds / 60);
    if (seconds < 60) { return Math.max(1, Math.round(seconds)) + ' 秒'; }
    if (minutes < 60) { return minutes + ' 分钟'; }
    return Math.floor(minutes / 60) + ' 小时' + (minutes % 60 ? ' ' + minutes % 60 + ' 分' : '');
  };

  CT.wallClock = function () {
    var china = new Date(CT.now() + 8 * 3600000);
    return two(china.getUTCHours()) + ':' + two(china.getUTCMinutes());
  };

  CT.wallDate = function () {
    var china = new Date(CT.now() + 8 * 3600000);
    return (china.getUTCMonth() + 1) + '月' + china.getUTCDate() + '日 星期' + '日一二三四五六'.charAt(china.getUTCDay());
  };

  /* '2026-01-02T03:04:05.6Z' -> epoch ms, or 0. Old engines' Date.parse is not trusted with it. */
  CT.parseTime = function (text) {
    var m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))?$/.exec(text || '');
    if (!m) { return 0; }
    var ms = Date.UTC(+m[1], m[2] - 1, +m[3], +m[4], +m[5], +m[6]) + Math.floor(1000 * (m[7] || 0));
    var offset = m[8] ? (m[8] === '-' ? -1 : 1) * (m[9] * 60 + +m[10]) : 0;
    return ms - offset * 60000;
  };
}(window.CT));
