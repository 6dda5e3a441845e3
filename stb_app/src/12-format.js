/* How times read on the screen. The county's clock is UTC+8 whatever the box believes. */
(function (CT) {
  'use strict';
  var ZONE_MS = 8 * 3600000;
  var DAY_S = 86400;
  function two(n) { return (n < 10 ? '0' : '') + n; }
  function china(s) { return new Date(s * 1000 + ZONE_MS); }

  CT.now_s = function () { return CT.now() / 1000; };

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

  /* Epoch seconds -> '20:15', with seconds '20:15:09'. */
  CT.hourText = function (s, withSeconds) {
    var at = china(s);
    return two(at.getUTCHours()) + ':' + two(at.getUTCMinutes()) + (withSeconds ? ':' + two(at.getUTCSeconds()) : '');
  };

  function date(s) {
    var at = china(s);
    return (at.getUTCMonth() + 1) + '月' + at.getUTCDate() + '日 星期' + '日一二三四五六'.charAt(at.getUTCDay());
  }

  /* Epoch s of the midnight before, in the county's zone. */
  CT.midnight = function (s) { return Math.floor((s + ZONE_MS / 1000) / DAY_S) * DAY_S - ZONE_MS / 1000; };

  /* Epoch seconds -> '今天', '昨天', '明天', else the date. */
  CT.dayText = function (s) {
    var days = Math.round((CT.midnight(s) - CT.midnight(CT.now_s())) / DAY_S);
    return ['昨天', '今天', '明天'][days + 1] || date(s);
  };

  CT.wallClock = function () { return CT.hourText(CT.now_s()); };
  CT.wallDate = function () { return date(CT.now_s()); };
}(window.CT));
