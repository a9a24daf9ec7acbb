"""F45: no way to the centre. The top line says what is kept here, the machine's page that the work goes on."""

import pytest

from tests.browser.failures.ward import Ward

pytestmark = pytest.mark.browser


def test_network_cut(ward: Ward) -> None:
    ward.look("network_cut", screen="welcome", says="chờ gửi")
    ward.state_page("network_cut", what="network", state="cut", to_do="Cứ làm tiếp. Lúc vắng kiểm tra dây")
