"""The pictures of the sample album with their SHA-256.

They belong to face-api.js (https://github.com/justadudewhohacks/face-api.js, MIT): 40
portraits of 8 people, a folder each, and 5 group pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ALBUM_URL = (
    "https://raw.githubusercontent.com/justadudewhohacks/face-api.js/"
    "a86f011d72124e5fb93e59d5c4ab98f699dd5c9c/examples/images/"
)

ALBUM_PICTURES: Mapping[str, str] = MappingProxyType(
    {
        "amy/amy1.png": "a1649b290794c11f242823ede1aa73f1ce8de0710d8aaccd9b638bcb70e9793e",
        "amy/amy2.png": "ff21d25b38fd6534cb61c213652b88024446daa5bc201c106b815e19a0b7d426",
        "amy/amy3.png": "23204a35fde32c1f43585a0a87c7fb46dbd72288b9e30469661f335cdf019ecc",
        "amy/amy4.png": "27ab8be3f761996049e3fefc2c356240da31193c61c4d336e9949d79ee24a39a",
        "amy/amy5.png": "870bf2d96033da3bc0109dcc724b15b464e064caf36fb765c88f46c1aaea5e09",
        "bbt1.jpg": "eb78baa072505a3c6232100b7f8a0577a77480eef2596f8aa468072dd3ee9910",
        "bbt2.jpg": "f5ff32a49bba1b7b6884184ba23b61af862a61689e7c391d66bcfdcc0102735f",
        "bbt3.jpg": "c8f33d868c23246c383ba3e558a6ea9d737b6abcf1f8b0cd24e4b439c7fe3e03",
        "bbt4.jpg": "69a2f5949b21ec0b0a96a588efabc24ac23cfc8efefe6aa7eb31271dc552c6cf",
        "bbt5.jpg": "c1656a168077717460e7a575bcd70c65315e43dd9265270a4468e664a779b16c",
        "bernadette/bernadette1.png": (
            "2661169d2a097cd3e6a0d0b3e2e9537d25b5bbf026588ba0cb19e0fbc8ac924a"
        ),
        "bernadette/bernadette2.png": (
            "478647b8446eac203c97691b8ea958dd81fe5001208976971441f5d79be050e9"
        ),
        "bernadette/bernadette3.png": (
            "e301d31c35f86205b62d4a7fd21bf2e0e9721386abb5cdbf11cdd28eb3e49f0e"
        ),
        "bernadette/bernadette4.png": (
            "700ef705d01d656d8fcdb7158ef64fd76607d115829b6e680d5adeeccdd4712e"
        ),
        "bernadette/bernadette5.png": (
            "1d9fdc23ef125d397729c968c675bdb03e18d4e2faba39e426cd8ee406908f70"
        ),
        "howard/howard1.png": (
            "cb27546bc0139f8be466cb5f747c040fdb05af668cc78f1c422d23c180a50c55"
        ),
        "howard/howard2.png": (
            "2747993ab0790e584042c0e0dd56cf2385549571169e3f4c4ea6bd4cde6ae5ab"
        ),
        "howard/howard3.png": (
            "a370e3cf9d4a5ce9e8e327307576b59b06f214f8e664e90cfde6f98d643fc544"
        ),
        "howard/howard4.png": (
            "c0cc556d137f66c78ee3e6351f89844f261a79da89635607b43bc098b5fca456"
        ),
        "howard/howard5.png": (
            "3cc3d88e97f1337575e9e0e32350ff9925e44c2af1592977e0cd894c413a5fd6"
        ),
        "leonard/leonard1.png": (
            "97933ff3245164eca0cbd0f8368d612c3963af305e013a72e10b740124b96855"
        ),
        "leonard/leonard2.png": (
            "e4d10771c11d1cf14cc41ad0aee36b921d5e6a71d72e0d5659ab95e1d5c83994"
        ),
        "leonard/leonard3.png": (
            "bda57664f219f303805cc54ebc3cf36554ad2c1e008105c58c9c05a4c47b7144"
        ),
        "leonard/leonard4.png": (
            "aab130d50dc6ee5047e3e809c6b5a3555bec92e1570c005633c53f90782f2e34"
        ),
        "leonard/leonard5.png": (
            "f47a46cf015c72bce8b92a833fb7826ffd3ab92ed633edcfd2280933a8d3fed1"
        ),
        "penny/penny1.png": "38068934fc208eee0e83771e61e4698b6430c7c77e35fe78b80f78eb662f05b6",
        "penny/penny2.png": "ef0237ba5842de3d89d4876cf892bbe68eb6cc681e0a35babc87a5299d7ee726",
        "penny/penny3.png": "f236344e6d7acfc65fee11f2b4b2388c03256200cd443a475e9849fc5a8311ab",
        "penny/penny4.png": "48ecaca1bdba62f8952050e4fceb6099d4afcd9fff732458f987882be32a9bb6",
        "penny/penny5.png": "c7a15ecebc0c4326c40048fba01bf222b462f28cdb2daa1520e3399bb8e68ed4",
        "raj/raj1.png": "71949f6a71777a6dffca9b806177ec5bf7f47dc9cc9d48c78fffa4bf67a6d3e7",
        "raj/raj2.png": "9752571453e5137237266b0b20e2008059b38dcb03098e5af9f81e461f055aff",
        "raj/raj3.png": "216428c9387c8e0e012d8eb8765bdcfa2288b6fa4749a0f0eefcf5895a7ddb79",
        "raj/raj4.png": "a43ae9e71b933857157fd1576bd00e461cd7fd3a50e5b7c523f7a93cb0625506",
        "raj/raj5.png": "4863a97836c34c2114bf10f480a0deaa0a394e64d23f644e730aeac868585b41",
        "sheldon/sheldon1.png": (
            "a65431669582d888bd0c63f1edfe4092254daa53b992d4825fa704f93d1595bf"
        ),
        "sheldon/sheldon2.png": (
            "6321a95c242de773251be4c55bf23910460a534297876e98d7811d549ac6990c"
        ),
        "sheldon/sheldon3.png": (
            "45258b9731a33751b11caccb7af5db7ce7a547a25a8332ff54d80293228dd3dc"
        ),
        "sheldon/sheldon4.png": (
            "58d891d73a3ee63b136c3cff0ad72951e88efd16aef30cf7893e049dd7439b53"
        ),
        "sheldon/sheldon5.png": (
            "22099e330609766fd2d93331919a4299815d85b1ea980f91ad0d987fd78feff0"
        ),
        "stuart/stuart1.png": (
            "12cbb1dc373afa6119a43da62beb62023399b1e13f6b56bcb91e54ddcb9d7f8f"
        ),
        "stuart/stuart2.png": (
            "2ec8df6c295c8e5c7e853fc81739a9149c52f270e8db0548fc60724214e8a515"
        ),
        "stuart/stuart3.png": (
            "500208a8350543a0b08353f08d00e41dc14efd8306b68829775c6d920228d412"
        ),
        "stuart/stuart4.png": (
            "e3ba8b9b4a748ea1add2c0ea14d101dc0f87b401bf384e0c16e21cebca8509f9"
        ),
        "stuart/stuart5.png": (
            "381340eb567229d86f7aa868d3a580d403266f1a6f683f6d899f9824fb5d20ed"
        ),
    }
)
