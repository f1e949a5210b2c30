"""Tiny networks train fastest on one thread, and leave the other cores to other tests."""

import cv2
import torch

torch.set_num_threads(1)
cv2.setNumThreads(1)
