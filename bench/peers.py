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
