"""What detector and corner network have in common in training: one network, one optimizer."""

from typing import Any, Generic

import torch
from torch import Tensor

from platestream.lab.train.loop import cosine_lr, set_lr, training_device
from platestream.lab.train.run_folder import Network

_MAX_GRADIENT = 10.0


class SingleNetwork(Generic[Network]):
    """The half of a `Task` that does not depend on what is learned.

    Args:
        network: What is trained; changed in place.
        num_steps: Batches in all.
        peak_lr: Highest learning rate.
    """

    def __init__(self, network: Network, num_steps: int, peak_lr: float) -> None:
        self.network = network
        self.network.to(training_device(), memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._num_steps, self._peak_lr = num_steps, peak_lr
        self._optimizer = torch.optim.AdamW(network.parameters(), peak_lr, weight_decay=0.02)

    def state_dict(self) -> dict[str, Any]:
        """Weights and optimizer."""
        return {"network": self.network.state_dict(), "optimizer": self._optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])

    def descend(self, step: int, loss: Tensor) -> None:
        """Move the weights against the gradient of one batch's loss."""
        set_lr(self._optimizer, cosine_lr(step, self._num_steps, self._peak_lr))
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _MAX_GRADIENT)
        self._optimizer.step()
