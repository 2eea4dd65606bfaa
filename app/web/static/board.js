/* What the operator's pages do beyond plain HTML: the reader's zone, questions in a dialog, whether the stream lives. */
(function () {
  "use strict";

  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    document.cookie = "muster_tz=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; samesite=lax" +
      (location.protocol === "https:" ? "; secure" : "");
  }

  document.querySelectorAll(".ways [aria-current], .tabs [aria-current]").forEach(function (way) {
    way.scrollIntoView({ block: "nearest", inline: "center" });
  });

  var ask = document.getElementById("ask");
  document.addEventListener("htmx:after:swap", function (event) {
    if (event.detail.ctx.target === ask && !ask.open) {
      ask.showModal();
    }
  });
  document.addEventListener("htmx:response:error", function (event) {
    if (event.detail.ctx.target === ask) {
      location.assign(event.detail.ctx.sourceElement.href);
    }
  });

  document.addEventListener("submit", function (event) {
    if (event.target.classList.contains("sent")) {
      event.preventDefault();
    }
    if (event.target.method === "post") {
      event.target.classList.add("sent");
    }
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form.sent").forEach(function (form) {
      form.classList.remove("sent");
    });
  });

  function pulse(on) {
    var light = document.getElementById("pulse");
    if (light) {
      light.classList.toggle("off", !on);
      light.textContent = light.getAttribute(on ? "data-on" : "data-off");
    }
  }
  document.addEventListener("htmx:sse:after:connection", function () { pulse(true); });
  document.addEventListener("htmx:sse:error", function () { pulse(false); });
  document.addEventListener("htmx:sse:close", function () { pulse(false); });

  document.addEventListener("missing", function () {
    var moved = document.getElementById("moved");
    if (moved) {
      moved.hidden = false;
      if (document.querySelector("#missing .empty")) {
        moved.click(); // nobody reads a list that is empty
      }
    }
  });

  document.querySelectorAll("[data-bare]").forEach(function (words) {
    words.hidden = true;
  });
  document.querySelectorAll("[data-print], [data-png]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      if (button.hasAttribute("data-print")) {
        window.print();
      } else {
        picture(button.getAttribute("data-png"));
      }
    });
  });

  function picture(path) {
    var drawing = new Image();
    drawing.onload = function () {
      var sheet = document.createElement("canvas");
      sheet.width = drawing.naturalWidth;
      sheet.height = drawing.naturalHeight;
      sheet.getContext("2d").drawImage(drawing, 0, 0);
      sheet.toBlob(function (file) {
        var link = document.createElement("a");
        link.href = URL.createObjectURL(file);
        link.download = "muster.png";
        link.click();
        setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
      }, "image/png");
    };
    drawing.src = path;
  }

  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.who[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  });
})();
