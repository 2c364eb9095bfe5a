"""Opens report pages in a headless Chromium and uses them as a reader does.

    test-page.py PAGE [--screenshots FOLDER] [--tasks] [--twice] [--figures FOLDER]

Speaks Chrome's DevTools protocol over a plain websocket; needs Python alone. It fails if a control
does not do what it says, if the console has an error, or if the page asks for anything from the
network. With --tasks the page has several tasks with several targets, and all controls are used.
With --twice it is one study given twice, of which the second has to stay faint over tasks.
With --figures the downloads are compared with the files that `batchlab report --figures` wrote.
"""

import argparse
import base64
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import xml.etree.ElementTree


class Browser:
  """A Chromium of its own, and its first tab."""

  def __init__(self):
    names = ("chromium", "chromium-browser", "google-chrome")
    self.name = next((name for name in names if shutil.which(name)), None)
    if self.name is None:
      sys.exit("no chromium is installed")
    self.folder = tempfile.mkdtemp(prefix="batchlab-browser-")
    self.process = subprocess.Popen(
      [self.name, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
       "--disable-background-networking", "--disable-component-update", "--no-first-run",
       "--remote-debugging-port=0", f"--user-data-dir={self.folder}", "about:blank"],
      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    port = self._port()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
      tab = next(t for t in json.load(answer) if t["type"] == "page")
    path = tab["webSocketDebuggerUrl"].split(str(port), 1)[1]
    self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
    key = base64.b64encode(os.urandom(16)).decode()
    self.socket.sendall(
      (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
       f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
       "Sec-WebSocket-Version: 13\r\n\r\n").encode())
    self.stream = self.socket.makefile("rb")
    assert b" 101 " in self.stream.readline()
    while self.stream.readline().strip():
      pass
    self.number = 0
    self.events = []

  def _port(self):
    file = pathlib.Path(self.folder, "DevToolsActivePort")
    for _ in range(300):
      if file.exists() and file.read_text().strip():
        return int(file.read_text().split()[0])
      time.sleep(0.1)
    sys.exit("chromium does not start")

  def close(self):
    self.process.terminate()
    self.process.wait(30)
    shutil.rmtree(self.folder, ignore_errors=True)

  def _send(self, text):
    data, mask = text.encode(), os.urandom(4)
    length = len(data)
    if length < 126:
      head = struct.pack("!BB", 0x81, 0x80 | length)
    elif length < 65536:
      head = struct.pack("!BBH", 0x81, 0x80 | 126, length)
    else:
      head = struct.pack("!BBQ", 0x81, 0x80 | 127, length)
    self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

  def _receive(self):
    parts = []
    while True:
      first, second = self.stream.read(2)
      length = second & 0x7F
      if length == 126:
        length, = struct.unpack("!H", self.stream.read(2))
      elif length == 127:
        length, = struct.unpack("!Q", self.stream.read(8))
      data = self.stream.read(length)
      if first & 0x0F in (0, 1):
        parts.append(data)
        if first & 0x80:
          return json.loads(b"".join(parts))

  def call(self, method, **parameters):
    self.number += 1
    self._send(json.dumps({"id": self.number, "method": method, "params": parameters}))
    while True:
      message = self._receive()
      if message.get("id") == self.number:
        if "error" in message:
          raise AssertionError(f"{method}: {message['error']}")
        return message["result"]
      self.events.append(message)

  def wait_for(self, method):
    """For an event that was not waited for before."""
    while not any(event.get("method") == method for event in self.events):
      self.events.append(self._receive())
    self.events = [event for event in self.events if event.get("method") != method]

  def run(self, script):
    """The value of an expression, in the page."""
    answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
    if "exceptionDetails" in answer:
      raise AssertionError(f"{script}: {answer['exceptionDetails']}")
    return answer["result"].get("value")

  def press(self, key, code, text=""):
    for kind in ("keyDown", "keyUp"):
      self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                text=text if kind == "keyDown" else "")

  def middle(self, selector):
    """Of an element that is seen, after scrolling there."""
    # What comes into sight is laid out only then, and may move what lies below it.
    for _ in range(3):
      self.run(f"{selector}.scrollIntoView({{block: 'center'}})")
      time.sleep(0.1)
    x, y = self.run(
      f"(() => {{ const r = {selector}.getBoundingClientRect();"
      "return [r.x + r.width / 2, r.y + r.height / 2]; })()")
    return dict(x=x, y=y)

  def move(self, selector):
    self.call("Input.dispatchMouseEvent", type="mouseMoved", **self.middle(selector))

  def click(self, selector):
    at = self.middle(selector)
    for kind in ("mousePressed", "mouseReleased"):
      self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)


def check(condition, sentence):
  if not condition:
    raise AssertionError(sentence)
  print("ok:", sentence)


def use_marks(browser):
  mark = "document.querySelector('.target:not([hidden]) .mark')"
  browser.move(mark + ".lastElementChild")
  said = browser.run(f"{mark}.getAttribute('aria-label')")
  tip = "document.querySelector('#tip')"
  shown = browser.run(f"{tip}.hidden ? '' : {tip}.textContent")
  check(said and shown == said, f"a mark that is pointed at says its value: {shown}")
  browser.run(f"{mark}.closest('svg').focus()")
  browser.press("ArrowRight", 39)
  first = browser.run("document.activeElement.getAttribute('aria-label')")
  browser.press("ArrowRight", 39)
  second = browser.run("document.activeElement.getAttribute('aria-label')")
  check(first and second and first != second, "arrow keys go from mark to mark")
  check(browser.run(f"{tip}.textContent") == second, "and each says its value")
  browser.press("Escape", 27)
  check(browser.run(f"{tip}.hidden"), "Escape hides it")


def use_slider(browser):
  # Of a task that stands over tasks, if there is one.
  slider = """[...document.querySelectorAll('section.task input[type=range]')].sort((a, b) => {
    const marks = slider => [...document.querySelectorAll('#tasks .mark')]
      .filter(mark => mark.dataset.task === slider.closest('section').dataset.task).length;
    return marks(b) - marks(a); })[0]"""
  task = f"{slider}.closest('section')"
  headings = ("[..." + task + ".querySelectorAll('.target:not([hidden]) svg.figure')]"
              ".map(figure => figure.getAttribute('aria-label'))")
  before = browser.run(headings)
  chosen = f"""[...document.querySelectorAll('#tasks .mark:not(.other)')]
    .filter(mark => mark.dataset.task === {task}.dataset.task)
    .map(mark => mark.dataset.target)"""
  check(len(set(browser.run(chosen))) == 1, "one target of a task stands out over tasks")
  browser.run(f"{slider}.focus()")
  browser.press("Home", 36)
  after = browser.run(headings)
  target = browser.run(f"{task}.querySelector('output').textContent")
  check(before and after and not set(before) & set(after),
        "the slider changes every figure of its task")
  check(all(f"to {target}:" in heading for heading in after), f"to those of target {target}")
  check(browser.run(f"{slider}.getAttribute('aria-valuetext')") == target, "and says so aloud")
  is_fitted = browser.run(f"""[...document.querySelectorAll('#tasks .mark')].some(mark =>
    mark.dataset.task === {task}.dataset.task
      && mark.dataset.target === {json.dumps(target)})""")
  check(set(browser.run(chosen)) == ({target} if is_fitted else set()),
        "and the marks over tasks follow")
  browser.press("End", 35)
  check(len(browser.run(chosen)) > 0, "and back")


def use_twice(browser):
  """Whatever the sliders choose, marks of the second study stay faint."""
  opacities = """[...document.querySelectorAll('#tasks .mark.elsewhere')]
    .map(mark => getComputedStyle(mark).opacity)"""
  for place in ("slider.min", "slider.max"):
    browser.run(f"""for (const slider of document.querySelectorAll('section.task input')) {{
      slider.value = {place}; slider.dispatchEvent(new Event('input')); }}""")
    faint = browser.run(opacities)
    check(len(faint) > 3 and set(faint) == {"0.4"},
          f"{len(faint)} marks of the second study are faint at {place}")
  bright = "document.querySelectorAll('#tasks .mark:not(.elsewhere):not(.other)').length"
  check(browser.run(bright) > 0, "and some of the first stand out")


def use_toggle(browser):
  # Of a task that stands over tasks.
  box = """[...document.querySelectorAll('[data-toggles]')].find(box =>
    document.querySelector(`#tasks .mark[data-task="${box.dataset.toggles}"]`))"""
  count = """[...document.querySelectorAll('section.task, #targets tbody tr')]
    .filter(part => !part.hidden).length"""
  before = browser.run(count)
  browser.click(box)
  after = browser.run(count)
  check(after < before, "a task that is toggled is gone, its rows and figures with it")
  marks = f"""[...document.querySelectorAll('#tasks .mark')]
    .filter(mark => mark.dataset.task === {box}.dataset.toggles)"""
  check(browser.run(f"{marks}.length") > 0, "the task has marks over tasks")
  check(browser.run(f"{marks}.every(mark => mark.style.display === 'none')"), "which are gone too")
  file = browser.run("standalone(document.querySelector('#tasks svg.figure'))")
  drawn = browser.run(
    "document.querySelector('#tasks svg.figure').querySelectorAll('.mark').length")
  check(file.count('class="mark ') == drawn > 0 and "display" not in file.split("</style>")[1],
        "but not from a file that is downloaded")
  browser.run(f"{box}.focus()")
  browser.press(" ", 32)
  check(browser.run(count) == before, "and comes back by keyboard")


def use_table(browser):
  column = 2
  values = f"""[...document.querySelectorAll('#targets tbody tr')]
    .map(row => row.cells[{column}].dataset.value).filter(v => v !== '').map(Number)"""
  button = f"document.querySelectorAll('#targets thead button')[{column}]"
  browser.click(button)
  rising = browser.run(values)
  check(len(set(rising)) > 1 and rising == sorted(rising), "a heading sorts its column")
  browser.run(f"{button}.focus()")
  browser.press("Enter", 13, "\r")
  falling = browser.run(values)
  check(falling == sorted(rising, reverse=True), "and again the other way round")


def use_links(browser):
  """Each target of the overview leads to its task, and is chosen there after a reload too."""
  links = "[...document.querySelectorAll('#targets a')]"
  # Not by its method, which the downloads replace.
  click = links + "[{}].dispatchEvent(new MouseEvent('click', {{bubbles: true}}))"
  places = browser.run(f"{links}.map(link => [link.hash.slice(1), link.dataset.place])")
  check(len(places) > 1, f"{len(places)} targets are linked")
  shown = """[...document.querySelectorAll('section.task')].map(task =>
    [task.id, task.querySelector('.target:not([hidden])').dataset.place])"""
  for index, place in enumerate(places):
    browser.run(click.format(index))
    if place not in browser.run(shown):
      check(False, f"a link leads to {place}")
  # The row of each task that stands first.
  for index, (task, place) in reversed(list(enumerate(places))):
    browser.run(click.format(index))
  before = browser.run(shown)
  browser.call("Page.reload")
  browser.wait_for("Page.loadEventFired")
  time.sleep(0.2)
  check(browser.run(shown) == before, "links choose their targets, also for the next reload")


def use_axes(browser):
  select = "document.querySelector('.axes select')"
  shown = "document.querySelector('.axis:not([hidden]) svg').getAttribute('aria-label')"
  before = browser.run(shown)
  browser.run(f"{select}.selectedIndex = 1; {select}.dispatchEvent(new Event('change'))")
  check(browser.run(shown) != before, "the measure of complexity can be chosen")


def parts(svg):
  """What a figure's file is made of: tags with their text and places; not styles."""
  root = xml.etree.ElementTree.fromstring(svg.encode())
  return [(part.tag.split("}")[1], (part.text or "").strip(), part.get("d"), part.get("class"))
          for part in root.iter() if not part.tag.endswith("style")]


def use_reload(browser):
  """What was chosen outlives a reload, and nothing is torn from under a keyboard's user."""
  state = """JSON.stringify([
    [...document.querySelectorAll('.axes select')].map(select => select.value),
    [...document.querySelectorAll('.axis')].map(axis => axis.hidden),
    [...document.querySelectorAll('details')].map(details => details.open),
    [...document.querySelectorAll('#targets th')].map(th => th.getAttribute('aria-sort')),
    [...document.querySelectorAll('#targets tbody tr')].map(row => row.textContent),
    [...document.querySelectorAll('section.task input')].map(slider => slider.value)])"""
  before = browser.run(state)
  browser.run("document.querySelector('details').open = true")
  time.sleep(0.2)
  chosen = browser.run(state)
  check(chosen != before and "descending" in chosen, "a plan is open and a column sorted")
  browser.call("Page.reload")
  browser.wait_for("Page.loadEventFired")
  time.sleep(0.2)
  check(browser.run(state) == chosen, "what was chosen is there after a reload")


def use_watch(browser, page):
  """A page of a study that goes on: reloads, but not while a control has the keyboard focus."""
  with tempfile.TemporaryDirectory() as folder:
    copy = pathlib.Path(folder, "watched.html")
    copy.write_text(page.read_text().replace("<body>", '<body data-reload="1">'))
    browser.call("Page.navigate", url=copy.resolve().as_uri())
    browser.wait_for("Page.loadEventFired")
    button = "document.querySelector('#targets thead button')"
    browser.run(f"window.isOld = true; {button}.focus()")
    browser.press("Tab", 9)
    time.sleep(2.5)
    check(browser.run("window.isOld === true"), "it stays while a control has the keyboard focus")
    browser.run("document.activeElement.blur()")
    for x in (300, 310):
      browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=5)
    time.sleep(2.5)
    check(browser.run("window.isOld === true"), "and after a pointer was moved")
    at = dict(x=310, y=5, button="left", buttons=1, clickCount=1)
    browser.call("Input.dispatchMouseEvent", type="mousePressed", **at)
    time.sleep(7)
    check(browser.run("window.isOld === true"), "and as long as its button is held")
    browser.call("Input.dispatchMouseEvent", type="mouseReleased", **(at | dict(buttons=0)))
    for _ in range(100):
      time.sleep(0.1)
      try:
        if browser.run("document.readyState === 'complete' && window.isOld === undefined"):
          break
      except AssertionError:
        # Between two pages there is none to ask.
        continue
    check(browser.run("window.isOld === undefined"), "and reads itself again when it is let go")
    browser.call("Page.navigate", url="about:blank")


def use_picture(browser, page):
  """A live page stands still for a picture, though the clock runs ahead of its frames."""
  with tempfile.TemporaryDirectory() as folder:
    copy, picture = pathlib.Path(folder, "live.html"), pathlib.Path(folder, "live.png")
    copy.write_text(page.read_text().replace("<body>", '<body data-reload="5">'))
    for budget in (5000, 20000):
      picture.unlink(missing_ok=True)
      try:
        subprocess.run(
          [browser.name, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
           f"--user-data-dir={folder}/browser", f"--virtual-time-budget={budget}",
           f"--screenshot={picture}", copy.as_uri()],
          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
      except subprocess.TimeoutExpired:
        # There is no picture, then.
        pass
      check(picture.exists(), f"a picture is taken of a live page, {budget} ms ahead")


def use_downloads(browser, figures):
  browser.run("""window.saved = []; URL.createObjectURL = blob => { saved.push(blob); return '#'; };
    HTMLAnchorElement.prototype.click = function () {
      saved[saved.length - 1].file = this.download; }""")
  browser.run("document.querySelector('.target:not([hidden]) [data-download]').click()")
  problem = browser.run("""saved[0].text().then(text => {
    const file = new DOMParser().parseFromString(text, 'image/svg+xml');
    const isWhole = file.documentElement.nodeName === 'svg' && file.querySelector('style')
      && file.querySelector('.mark title') && !file.querySelector('[aria-label]')
      && file.querySelector('desc').textContent.length > 40 && text.startsWith('<?xml');
    return isWhole ? '' : text.slice(0, 300); })""")
  name = browser.run("saved[0].file")
  check(problem == "", f"a figure is downloaded as an SVG of its own: {name}")
  if figures:
    names = browser.run(
      "[...document.querySelectorAll('[data-download]')].map(button => button.dataset.download)")
    check(len(names) > 5, "there are figures to compare")
    for name in names:
      own = browser.run(f"""standalone(document.querySelector(
        'svg[data-name="{name}"]'))""")
      same = parts(own) == parts((figures / f"{name}.svg").read_text())
      if not same:
        check(same, f"{name} is the file that --figures writes")
    check(True, f"{len(names)} downloads are the files that --figures writes")
  browser.run("for (const button of document.querySelectorAll('[data-saves]')) button.click()")
  files = browser.run("Promise.all(saved.slice(1).map(async s => [s.file, await s.text()]))")
  texts = dict(files)
  check(json.loads(texts["fits.json"])["fits"], "fits.json is JSON")
  check(texts["batches.csv"].startswith("study,task,algorithm"), "batches.csv is a table")
  check("tasks:" in texts["plan.yaml"], "plan.yaml is the plan")


def take_screenshots(browser, folder):
  folder.mkdir(parents=True, exist_ok=True)
  browser.run("""const style = document.createElement('style');
    style.textContent = 'section.task{content-visibility:visible!important}';
    document.head.append(style)""")
  looks = [(f"{scheme}-{name}", "screen", scheme, width)
           for scheme in ("light", "dark") for name, width in (("wide", 1400), ("narrow", 400))]
  for name, media, scheme, width in looks + [("print", "print", "dark", 760)]:
    browser.call("Emulation.setEmulatedMedia", media=media, features=[
      {"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=1000,
                 deviceScaleFactor=1, mobile=False)
    time.sleep(0.5)
    height = min(browser.run("document.documentElement.scrollHeight"), 4000)
    image = browser.call("Page.captureScreenshot", captureBeyondViewport=True, clip={
      "x": 0, "y": 0, "width": width, "height": height, "scale": 1})
    (folder / f"{name}.png").write_bytes(base64.b64decode(image["data"]))


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument("page", type=pathlib.Path)
  parser.add_argument("--screenshots", type=pathlib.Path)
  parser.add_argument("--tasks", action="store_true")
  parser.add_argument("--twice", action="store_true")
  parser.add_argument("--figures", type=pathlib.Path)
  options = parser.parse_args()
  browser = Browser()
  try:
    for domain in ("Page", "Runtime", "Network", "Log"):
      browser.call(f"{domain}.enable")
    browser.call("Emulation.setDeviceMetricsOverride", width=1300, height=900, deviceScaleFactor=1,
                 mobile=False)
    address = options.page.resolve().as_uri()
    began = time.monotonic()
    browser.call("Page.navigate", url=address)
    browser.wait_for("Page.loadEventFired")
    browser.run("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    seconds = time.monotonic() - began
    size = options.page.stat().st_size
    check(size <= 5_000_000 and seconds < 2, f"{size} bytes open in {seconds:.2f} s")
    check(browser.run("document.documentElement.scrollWidth <= innerWidth"), "nothing overhangs")
    browser.call("Emulation.setDeviceMetricsOverride", width=380, height=800, deviceScaleFactor=1,
                 mobile=False)
    check(browser.run("document.documentElement.scrollWidth <= innerWidth"), "nor on a telephone")
    time.sleep(0.2)
    check(browser.run("!document.querySelector('.further').hidden"), "a table says that it goes on")
    browser.call("Emulation.setDeviceMetricsOverride", width=1300, height=900, deviceScaleFactor=1,
                 mobile=False)
    use_marks(browser)
    use_table(browser)
    use_downloads(browser, options.figures)
    if options.tasks:
      use_slider(browser)
      if options.twice:
        use_twice(browser)
      use_links(browser)
      use_toggle(browser)
      use_axes(browser)
      use_reload(browser)
    if options.screenshots:
      take_screenshots(browser, options.screenshots)
    requests = [event["params"]["request"]["url"] for event in browser.events
                if event.get("method") == "Network.requestWillBeSent"]
    others = [url for url in requests if url != address and not url.startswith(("data:", "blob:"))]
    check(not others, f"nothing is asked of the network {others}")
    problems = [event["params"] for event in browser.events
                if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")
                or event.get("method") == "Runtime.consoleAPICalled"
                and event["params"]["type"] in ("error", "warning", "assert")]
    check(not problems, f"the console is empty {problems}")
    use_watch(browser, options.page)
    use_picture(browser, options.page)
  finally:
    browser.close()


if __name__ == "__main__":
  main()
