/* Fills the clipboard and keeps a double tap from sending twice. Written for old in-app browsers; the page works without it. */
(function () {
  "use strict";

  function tell(button, name) {
    button.textContent = document.body.getAttribute(name);
    button.setAttribute("aria-live", "polite");
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
      tell(button, "data-copied");
    }
    function byHand() {
      if (copiedByHand(box)) {
        done();
      } else {
        tell(button, "data-failed");
      }
    }
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(box.value).then(done, byHand);
    } else {
      byHand();
    }
  }

  Array.prototype.forEach.call(document.querySelectorAll("button.copy"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      copy(button);
    });
  });

  document.addEventListener("submit", function (event) {
    if (event.target.classList.contains("sent")) {
      event.preventDefault();
    }
    event.target.classList.add("sent");
  });

  window.addEventListener("pageshow", function () {
    Array.prototype.forEach.call(document.querySelectorAll("form.sent"), function (form) {
      form.classList.remove("sent");
    });
  });
})();
