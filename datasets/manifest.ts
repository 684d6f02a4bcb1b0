/** A file as its publisher offers it. */
export interface RemoteFile {
  /** Name on the server and in the data folder. */
  readonly name: string;
  readonly bytes: number;
  /** As the official page lists it, hex. It guards against broken transfers more than against forgers. */
  readonly md5: string;
}

/** Source and licence of a data set. */
export interface Manifest {
  readonly page: string;
  /** Address of the folder that holds the files; ends in a slash. */
  readonly base: string;
  readonly files: readonly RemoteFile[];
  readonly licence: string;
  readonly citation: string;
}

export const MANIFESTS = {
  "cifar-10": {
    page: "https://www.cs.toronto.edu/~kriz/cifar.html",
    base: "https://www.cs.toronto.edu/~kriz/",
    files: [
      { name: "cifar-10-binary.tar.gz", bytes: 170_052_171, md5: "c32a1d4ab5d03f1284b67883e8d87530" },
    ],
    licence: "none stated; the author asks for a citation",
    citation: "Alex Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
  },
  "cifar-100": {
    page: "https://www.cs.toronto.edu/~kriz/cifar.html",
    base: "https://www.cs.toronto.edu/~kriz/",
    files: [
      { name: "cifar-100-binary.tar.gz", bytes: 168_513_733, md5: "03b5dce01913d631647c71ecec9e9cb8" },
    ],
    licence: "none stated; the author asks for a citation",
    citation: "Alex Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
  },
  "fashion-mnist": {
    page: "https://github.com/zalandoresearch/fashion-mnist",
    base: "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    files: [
      { name: "train-images-idx3-ubyte.gz", bytes: 26_421_880, md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d" },
      { name: "train-labels-idx1-ubyte.gz", bytes: 29_515, md5: "25c81989df183df01b3e8a0aad5dffbe" },
      { name: "t10k-images-idx3-ubyte.gz", bytes: 4_422_102, md5: "bef4ecab320f06d8554ea6380940ec79" },
      { name: "t10k-labels-idx1-ubyte.gz", bytes: 5_148, md5: "bb300cfdad3c16e7a12a480ee83cd310" },
    ],
    licence: "MIT",
    citation: "Han Xiao, Kashif Rasul and Roland Vollgraf, Fashion-MNIST, arXiv:1708.07747, 2017",
  },
} as const satisfies Readonly<Record<string, Manifest>>;

/** Data sets that can be downloaded. */
export type RemoteName = keyof typeof MANIFESTS;
export const REMOTE_NAMES = Object.keys(MANIFESTS) as readonly RemoteName[];
