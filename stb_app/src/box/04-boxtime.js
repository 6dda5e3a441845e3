/* Times as boxes tell them: numbers, strings, nothing, seconds or milliseconds, hh:mm:ss, a clock in UTC. */
(function (CT) {
  'use strict';
  var LONGEST_S = 43200; // nothing we play is longer than 12 h: what is more must be milliseconds
  var CLOCK = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/;
  var HOURS = /^(\d+):(\d+):(\d+)/;
  var PACKED = /^(0\d)(\d\d)(\d\d)$/;

  function two(n) { return (n < 10 ? '0' : '') + n; }

  /* A time of a box as a number in its own unit; 0 when it says nothing of use. */
  CT.boxNumber = function (raw) {
    var parts = HOURS.exec(raw) || PACKED.exec(raw);
    var value = parts ? parts[1] * 3600 + parts[2] * 60 + +parts[3] : CLOCK.test(raw) ? 0 : parseFloat(raw);
    return isFinite(value) && value > 0 ? value : 0;
  };

  /* Epoch s of yyyyMMddTHHmmss.00Z, else 0. */
  CT.boxClock = function (raw) {
    var p = CLOCK.exec(raw);
    return p ? Date.UTC(+p[1], p[2] - 1, +p[3], +p[4], +p[5], +p[6]) / 1000 : 0;
  };
  CT.boxStamp = function (epoch_s) {
    var d = new Date(epoch_s * 1000);
    return d.getUTCFullYear() + two(d.getUTCMonth() + 1) + two(d.getUTCDate()) + 'T' +
      two(d.getUTCHours()) + two(d.getUTCMinutes()) + two(d.getUTCSeconds()) + '.00Z';
  };
  CT.boxHours = function (s) {
    return two(Math.floor(s / 3600)) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(Math.floor(s) % 60);
  };

  /* Watches one box's position and learns by its pace whether it counts seconds or milliseconds. */
  CT.makeBoxTime = function () {
    var unit = 0, last = null, lastAt = 0, moved = false;
    return {
      /* From here on another position may be told: by an open, by a seek. */
      reset: function () { last = null; moved = false; },
      /* Takes a look at time now (ms); returns whether the position moved since the look before. */
      look: function (raw, now) {
        var value = CT.boxNumber(raw);
        var pace = last > 0 && now > lastAt ? (value - last) * 1000 / (now - lastAt) : 0;
        var step = last !== null && value !== last && value > 0;
        if (!unit && pace > 300 && pace < 3000) { unit = 1000; }
        if (!unit && pace > 0 && pace < 20) { unit = 1; }
        if (value > LONGEST_S) { unit = 1000; }
        if (step || last === null) { last = value; lastAt = now; }
        moved = moved || (step && unit > 0);
        return step;
      },
      /* Whether a position in seconds is known. */
      known: function () { return moved && unit > 0; },
      position: function () { return unit ? last / unit : 0; },
      duration: function (raw) {
        var value = CT.boxNumber(raw);
        return value > LONGEST_S || (unit === 1000 && value >= last) ? value / 1000 : value;
      }
    };
  };
}(window.CT));
