/* Fills the clipboard; keeps each tap until it has arrived. Written for old in-app browsers; the page works without it. */
(function () {
  "use strict";

  var HIDDEN = "\u2022\u2022\u2022\u2022";
  var AGAIN_MS = 5000;
  var LARGEST = 2000000;
  var SIDE = 2000;
  var base = document.body.getAttribute("data-here") || "";
  var shelf = "muster-taps:" + folded(base);
  var unkept = [];
  var sending = false;
  var pressed = null;

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  function word(name) {
    return document.body.getAttribute("data-" + name);
  }

  function tell(button, name) {
    button.textContent = word(name);
    button.setAttribute("aria-live", "polite");
  }

  /* --- Copy: the code of a group is in what is copied, and not in what is shown. --- */

  function whole(box, text) {
    var code = box.getAttribute("data-code");
    var at = code ? text.lastIndexOf(HIDDEN) : -1;
    return at < 0 ? text : text.slice(0, at) + code + text.slice(at + HIDDEN.length);
  }

  function copiedByHand(box) {
    box.focus();
    box.select();
    box.setSelectionRange(0, box.value.length);
    try {
      return document.execCommand("copy");
    } catch (refused) {
      return false;
    }
  }

  function copy(button) {
    var box = button.form.querySelector("textarea");
    function done() {
      button.classList.add("copied");
      tell(button, "copied");
    }
    function byHand() {
      if (copiedByHand(box)) {
        done();
      } else {
        box.value = whole(box, box.value);
        tell(button, "failed");
      }
    }
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(whole(box, box.value)).then(done, byHand);
    } else {
      byHand();
    }
  }

  each("button.copy", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      copy(button);
    });
  });

  /* --- Share: the phone's own list of apps, where the browser has one; what goes wrong there is copied instead. --- */

  each(navigator.share ? "button.copy" : "none", function (beside) {
    var button = document.createElement("button");
    var box = beside.form.querySelector("textarea");
    button.type = "button";
    button.className = "share";
    button.textContent = word("share");
    beside.parentNode.insertBefore(button, beside.nextSibling);
    button.addEventListener("click", function () {
      function failed(why) {
        if (!why || why.name !== "AbortError") {
          copy(beside);
        }
      }
      try {
        navigator.share({ text: whole(box, box.value) }).then(null, failed);
      } catch (refused) {
        failed(refused);
      }
    });
  });

  each("textarea[data-code]", function (box) {
    box.addEventListener("copy", function (event) {
      if (event.clipboardData) {
        event.clipboardData.setData("text/plain", whole(box, box.value.slice(box.selectionStart, box.selectionEnd)));
        event.preventDefault();
      }
    });
  });

  /* --- Taps: each is put on the shelf first, and leaves it when the server has answered. No token is written there. --- */

  function folded(text) {
    var sum = 5381;
    for (var place = 0; place < text.length; place += 1) {
      sum = ((sum * 33) ^ text.charCodeAt(place)) >>> 0;
    }
    return sum.toString(36);
  }

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(shelf) || "[]");
    } catch (refused) {
      return unkept;
    }
  }

  function keep(taps) {
    unkept = taps;
    try {
      if (taps.length) {
        localStorage.setItem(shelf, JSON.stringify(taps));
      } else {
        localStorage.removeItem(shelf);
      }
    } catch (refused) {
      return;
    }
  }

  function others(to) {
    return kept().filter(function (tap) {
      return tap.to !== to;
    });
  }

  function fields(form, button) {
    var pairs = [];
    function add(name, value) {
      pairs.push(encodeURIComponent(name) + "=" + encodeURIComponent(value));
    }
    Array.prototype.forEach.call(form.elements, function (one) {
      if (one.name && one.type !== "submit" && one.type !== "button" && one.type !== "file") {
        add(one.name, one.value);
      }
    });
    if (button && button.name) {
      add(button.name, button.value);
    }
    return pairs.join("&");
  }

  function waits() {
    var taps = kept();
    each("#waits", function (line) {
      line.hidden = !taps.length;
      line.textContent = taps.length ? word("waits") : "";
    });
    taps.forEach(function (tap) {
      each("form", function (form) {
        if (form.getAttribute("action") === base + tap.to) {
          form.classList.add("sent");
        }
      });
    });
  }

  /* The answer leads back to the page, which has come along with it: it is shown without being fetched once more. */
  function show(answer) {
    answer.text().then(function (page) {
      if (answer.redirected) {
        history.replaceState(null, "", answer.url);
      }
      document.open();
      document.write(page);
      document.close();
    }, function () {
      location.assign(base);
    });
  }

  function send() {
    var tap = kept()[0];
    if (!tap || sending) {
      return;
    }
    sending = true;
    function later() {
      sending = false;
      waits();
      setTimeout(send, AGAIN_MS);
    }
    fetch(base + tap.to, {
      method: "POST",
      body: tap.body,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      credentials: "same-origin"
    }).then(function (answer) {
      if (answer.status >= 500 || answer.status === 429) {
        later();
        return;
      }
      sending = false;
      keep(others(tap.to));
      if (answer.ok && kept().length) {
        send();
      } else {
        show(answer);
      }
    }, later);
  }

  /* --- A picture: one that is too large is drawn smaller where the browser can; the form itself sends it, at once. --- */

  function chosen(input) {
    return input.files && input.files[0];
  }

  function hold(form, held) {
    Array.prototype.forEach.call(form.querySelectorAll("button"), function (button) {
      button.disabled = held;
    });
  }

  function smaller(input) {
    var file = chosen(input);
    function done() {
      hold(input.form, false);
    }
    function take(blob) {
      var box = new DataTransfer();
      if (blob && chosen(input) === file) {
        box.items.add(new File([blob], "picture.jpg", { type: "image/jpeg" }));
        input.files = box.files;
      }
      done();
    }
    function draw(image) {
      var canvas = document.createElement("canvas");
      var share = Math.min(1, SIDE / Math.max(image.width, image.height));
      canvas.width = Math.max(1, Math.round(image.width * share));
      canvas.height = Math.max(1, Math.round(image.height * share));
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(take, "image/jpeg", 0.85);
    }
    if (file && file.size > LARGEST && window.createImageBitmap && window.DataTransfer) {
      hold(input.form, true);
      createImageBitmap(file).then(draw).then(undefined, done);
    }
  }

  function pictured(event, form, to) {
    keep(others(to));
    if (navigator.onLine === false) {
      event.preventDefault();
      form.classList.remove("sent");
      each("#waits", function (line) {
        line.hidden = false;
        line.textContent = word("unsent");
        line.scrollIntoView({ block: "center" });
      });
    }
  }

  each("input[type=file]", function (input) {
    input.addEventListener("change", function () {
      smaller(input);
    });
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest ? event.target.closest("button") : event.target;
    pressed = button && button.form ? button : null;
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var action = form.getAttribute("action") || "";
    if (form.classList.contains("sent")) {
      event.preventDefault();
      return;
    }
    form.classList.add("sent");
    if (!window.fetch || !base || action.indexOf(base + "/") !== 0 || action === base + "/phone") {
      return;
    }
    var to = action.slice(base.length);
    if (form.querySelector("input[type=file]") && chosen(form.querySelector("input[type=file]"))) {
      pictured(event, form, to);
      return;
    }
    event.preventDefault();
    var button = event.submitter || (pressed && pressed.form === form ? pressed : null);
    keep(others(to).concat([{ to: to, body: fields(form, button) }]));
    send();
  });

  function resume() {
    if (base && window.fetch) {
      waits();
      send();
    }
  }

  window.addEventListener("online", send);
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      each("form.sent", function (form) {
        form.classList.remove("sent");
      });
      resume();
    }
  });
  resume();
})();
