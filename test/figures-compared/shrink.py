"""Makes pictures small enough for a page: shrink.py FOLDER WHOLE PART.

Reduces every PNG of the folder to 64 colours, and cuts the part that a page can show at full size out of the whole.
"""

import sys
from pathlib import Path

from PIL import Image

folder, whole, part = sys.argv[1:]
# The one picture is trusted: dot has just drawn it, 21,000 pixels wide.
Image.MAX_IMAGE_PIXELS = None
picture = Image.open(whole)
width, height = picture.size
left, top = width // 4, height // 4
picture.crop((left, top, left + 1200, top + 460)).save(part)
for file in sorted(Path(folder).glob("*.png")):
    reduced = Image.open(file).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    reduced.save(file, optimize=True)
