import { createResNet, type ResNetName, resnetVariants } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { createEfficientNetB0 } from "./efficientnet.ts";
import type { Network } from "./network.ts";
import { createSwinT } from "./swin.ts";

/** A network by torchvision's name. */
export type NetworkName = ResNetName | "efficientnet_b0" | "swin_t";

const networks: Readonly<Record<NetworkName, () => Network>> = {
  ...(Object.fromEntries(
    Object.keys(resnetVariants).map((name) => [name, () => resnet(name as ResNetName)]),
  ) as Record<ResNetName, () => Network>),
  efficientnet_b0: createEfficientNetB0,
  swin_t: createSwinT,
};

/** Whether there is a network of this name. */
export function isNetworkName(name: string): name is NetworkName {
  return name in networks;
}

/** Makes a network by its name. */
export function createNetwork(name: NetworkName): Network {
  return networks[name]();
}

function resnet(name: ResNetName): Network {
  const backbone = createResNet(name);
  return {
    channels: backbone.channels,
    head: "fc",
    initialize: backbone.initialize,
    apply: (parameters, images, options) => {
      const { features, statistics } = backbone.apply(parameters, images, options);
      return { features: tf.mean(features, [1, 2]), statistics };
    },
  };
}
