/* How numbers are said while a file is sent. Pure. */
"use strict";
(function () {
  const UNITS = ["字节", "KB", "MB", "GB", "TB"];

  function size(bytes) {
    let unit = 0;
    while (bytes >= 1000 && unit < UNITS.length - 1) {
      bytes /= 1000;
      unit += 1;
    }
    return (unit === 0 || bytes >= 100 ? bytes.toFixed(0) : bytes.toFixed(1)) + " " + UNITS[unit];
  }

  function left(seconds) {
    if (!isFinite(seconds)) return "";
    if (seconds < 60) return "还需约 " + Math.max(1, Math.round(seconds)) + " 秒";
    if (seconds < 3600) return "还需约 " + Math.round(seconds / 60) + " 分钟";
    const minutes = Math.round(seconds / 60);
    const rest = minutes % 60;
    return "还需约 " + Math.floor(minutes / 60) + " 小时" + (rest ? " " + rest + " 分" : "");
  }

  /* Whole percents, 100 only when everything is there. */
  function percent(done, all) {
    return all > 0 ? Math.floor((100 * done) / all) : 0;
  }

  window.Cuntai.words = { size: size, left: left, percent: percent };
})();
