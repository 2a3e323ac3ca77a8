// Every visible text with its computed contrast against what it stands on; those below what is needed.
() => {
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? ["0", "0", "0", "0"]).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((value, place) => value * a + below[place] * (1 - a));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.push(getComputedStyle(each).backgroundColor);
    return layers.reverse().reduce((below, layer) => over(channels(layer), below), [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.trim();
    if (!words || ["SCRIPT", "STYLE", "TITLE", "OPTION", "title", "desc"].includes(element.tagName)) continue;
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    const style = getComputedStyle(element);
    const drawn = element.namespaceURI.endsWith("svg");
    const below = ground(drawn ? element.closest("svg").parentElement : element);
    const colour = over(channels(drawn ? style.fill : style.color), below);
    const [light, dark] = [luminance(colour), luminance(below)].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (large ? 3 : 4.5)) found.push(`${contrast.toFixed(2)} ${words.slice(0, 60)} (${style.color}, ${element.className.baseVal ?? element.className})`);
  }
  return found;
}
