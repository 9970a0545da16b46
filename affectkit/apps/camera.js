// A camera in the page. Frames go to the kernel one at a time, as binary messages: none becomes part of the
// notebook, and the next is taken only when the kernel has answered. The answer is a box, drawn here.
const HEIGHT = 240, PAUSE = 200, PATIENCE = 30000; // pixels; milliseconds from an answer to the next frame,
// and without an answer until the camera is let go

const TROUBLE = {
  NotAllowedError: "The camera was not allowed. Allow it in the browser's address bar, and start again.",
  NotFoundError: "No camera was found. The recorded sequence above works without one.",
  NotReadableError: "The camera is in use by another program.",
};

function make(tag, parent, attributes) {
  const element = Object.assign(document.createElement(tag), attributes);
  parent.append(element);
  return element;
}

function render({ model, el }) {
  el.classList.add("affectkit-camera");
  const button = make("button", el, { type: "button", textContent: "Start camera" });
  const line = make("span", el, { textContent: "The camera is off. Frames go to the kernel, one at a time." });
  line.setAttribute("role", "status");
  const canvas = make("canvas", make("div", el), { hidden: true });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Your camera, mirrored, with a box around the face that was found");
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  const frame = document.createElement("canvas");
  let stream = null, box = null, began = 0, timer = 0, gone = false;

  function say(words) {
    if (line.textContent !== words) line.textContent = words; // else it would be read out with each frame
  }

  function show() {
    if (!stream) return;
    const { width, height } = canvas, pen = canvas.getContext("2d");
    pen.setTransform(-1, 0, 0, 1, width, 0); // as in a mirror
    pen.drawImage(video, 0, 0, width, height);
    if (box) {
      Object.assign(pen, { strokeStyle: "#E69F00", lineWidth: 3 });
      pen.strokeRect(box[1], box[0], box[2], box[2]);
    }
    requestAnimationFrame(show);
  }

  function send() {
    if (!stream) return;
    frame.getContext("2d").drawImage(video, 0, 0, frame.width, frame.height);
    const time = (performance.now() - began) / 1000;
    timer = setTimeout(() => stop("The kernel does not answer: the camera is off."), PATIENCE);
    frame.toBlob(async (blob) => {
      const bytes = await blob.arrayBuffer();
      if (stream) model.send({ type: "frame", time }, undefined, [bytes]);
    }, "image/jpeg", 0.85);
  }

  function off(words) {
    clearTimeout(timer);
    stream?.getTracks().forEach((track) => track.stop());
    stream = box = video.srcObject = null;
    canvas.hidden = true;
    button.textContent = "Start camera";
    say(words);
  }

  function stop(words) {
    off(words);
    model.send({ type: "stop" });
  }

  async function start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      return off("This page may not use a camera: browsers allow it on https:// and on localhost alone.");
    }
    button.disabled = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { height: { ideal: HEIGHT } } });
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      return off(TROUBLE[error.name] ?? `The camera could not be opened: ${error.name}.`);
    } finally {
      button.disabled = false;
    }
    if (gone) return off(""); // it was allowed after this view had been taken away
    stream.getVideoTracks()[0].onended = () => stop("The camera was taken away.");
    for (const picture of [canvas, frame]) {
      picture.height = HEIGHT;
      picture.width = Math.round((HEIGHT * video.videoWidth) / video.videoHeight);
    }
    canvas.hidden = false;
    button.textContent = "Stop camera";
    say("The camera is on.");
    began = performance.now();
    model.send({ type: "start" });
    show();
    send();
  }

  function answered(answer) {
    if (!stream || answer.type !== "seen") return;
    box = answer.box;
    say(answer.words);
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  }

  button.onclick = () => (stream ? stop("The camera is off.") : start());
  model.on("msg:custom", answered);
  return () => {
    gone = true;
    model.off("msg:custom", answered);
    if (stream) stop("");
  };
}

export default { render };
