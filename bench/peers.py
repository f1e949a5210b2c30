"""What the readers that people use today gave on the same pictures, one thread.

Exact match of the whole string in percent, with O = 0 and I = 1 folded in brackets, and
milliseconds a crop. Measured once by the project, on all images of a set where that is said;
half of brazil, china_easypr and china_ccpd is kept aside elsewhere.
"""

READERS = {
    "frames/europe": "CCT-XS 92.6 (100), 2.1 ms; PP-OCRv6 81.5 (94.4), 12.9 ms",
    "frames/brazil": "CCT-XS 94.7 (95.6), 2.1 ms; PP-OCRv6 96.5, 12.9 ms (of 114)",
    "frames/china_easypr": "HyperLPR 91.8, 5.8 ms; AgentCLPR 89.3, 8.5 ms; CRNN 89.3, 0.96 ms; "
    "PP-OCRv4 86.3, 12.7 ms; STN-LPRNet 39.5; LPRNet 27.2 (of 291)",
    "crops/china_ccpd": "AgentCLPR 98.7; PP-OCRv4 98.2; LPRNet 89.4, 1.7 ms; HyperLPR 88.3 "
    "(of 1,000)",
    "tracks/rlpr": "CCT-XS 2.2 of single frames",
}
"""By set: readers on boxes or crops, as `plate_accuracy`."""

DETECTORS = {
    "frames/europe": "HyperLPR3-320 100 / 91.5, 8.0 ms; HyperLPR3-640 98.2 / 84.1, 33 ms; YOLOv8n "
    "100 / 93.9, 44 ms; OpenALPR 98.2 / 100, 33 to 128 ms; LPD-YuNet-640 71 / 99, 205 ms",
    "frames/brazil": "HyperLPR3-320 100 / 93.4; HyperLPR3-640 96.5 / 84.0; YOLOv8n 100 / 85.7; "
    "OpenALPR 65.8 / 100; LPD-YuNet-320 61 / 100 (of 114)",
    "frames/china_easypr": "HyperLPR3-320 97.0 / 91.4; HyperLPR3-640 99.0 / 89.1; YOLOv8n 95.6 / "
    "90.2; LPD-YuNet-640 93 / 92 (of 256)",
}
"""By set: detectors, recall / precision in percent at IoU 0.5, and milliseconds a frame."""

PIPELINES = {
    "frames/europe": "HyperLPR3-320 + CCT-XS 90.7, 10 ms; YOLOv8n + CCT-XS 92.6, 51 to 58 ms; "
    "OpenALPR 72.2",
    "frames/brazil": "HyperLPR3-320 + CCT-XS 93.0; YOLOv8n + CCT-XS 93.9; OpenALPR 40.4 (of 114)",
    "frames/china_easypr": "HyperLPR3-640 + CRNN 93.6, 34 ms; EasyPR 49.2 (of 256)",
}
"""By set: plates found and read exactly, in percent."""
