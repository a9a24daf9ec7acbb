"""The screening form as the pages show it: its questions, what was answered, what was concluded."""

PERSON = {
    "visit": "v-1",
    "ticket": "A-017",
    "name": "Nguyễn Thị Hồng Phượng",
    "year": "1946",
    "sex": "F",
    "masked": "075•••••1234",
}

FORM = {
    "version": "4355/QĐ-BYT",
    "items": [
        {
            "code": "ANAPHYLAXIS_SAME_VACCINE",
            "vi": "Tiền sử rõ ràng phản vệ với vắc xin phòng COVID-19 lần trước hoặc các thành phần của vắc xin phòng COVID-19",
            "en": "Clear history of anaphylaxis to an earlier COVID-19 vaccine or to components of the vaccine",
            "yes": "contraindicated",
        },
        {
            "code": "COVID_WITHIN_6M",
            "vi": "Tiền sử rõ ràng bị COVID-19 trong vòng 6 tháng",
            "en": "Had COVID-19 within 6 months",
            "yes": "defer",
        },
        {"code": "ACUTE_ILLNESS", "vi": "Đang mắc bệnh cấp tính", "en": "Acute illness now", "yes": "defer"},
        {"code": "PREGNANT_LT_13W", "vi": "Phụ nữ mang thai < 13 tuần", "en": "Pregnant < 13 weeks", "yes": "defer"},
        {
            "code": "PREGNANT_GE_13W",
            "vi": "Phụ nữ mang thai ≥ 13 tuần",
            "en": "Pregnant ≥ 13 weeks",
            "yes": "refer_hospital",
        },
        {
            "code": "ANAPHYLAXIS_G3_ANY",
            "vi": "Phản vệ độ 3 trở lên với bất kỳ dị nguyên nào (ghi tác nhân)",
            "en": "Anaphylaxis of grade 3 or more to any allergen",
            "yes": "refer_hospital",
            "text": True,
        },
        {
            "code": "SEVERE_IMMUNO",
            "vi": "Đang bị suy giảm miễn dịch nặng, ung thư giai đoạn cuối đang điều trị hóa trị, xạ trị",
            "en": "Severe immunodeficiency, end-stage cancer under chemotherapy or radiotherapy",
            "yes": "caution",
        },
        {"code": "ALLERGY_ANY", "vi": "Tiền sử dị ứng với bất kỳ dị nguyên nào", "en": "Any allergy", "yes": "caution"},
        {
            "code": "COAGULOPATHY",
            "vi": "Tiền sử rối loạn đông máu/cầm máu",
            "en": "Clotting disorder",
            "yes": "caution",
        },
        {
            "code": "CONSCIOUSNESS",
            "vi": "Rối loạn tri giác, rối loạn hành vi",
            "en": "Disorder of consciousness or behaviour",
            "yes": "caution",
        },
        {
            "code": "VITALS_ABNORMAL",
            "vi": "Bất thường dấu hiệu sống",
            "en": "Abnormal vital signs",
            "yes": "caution",
            "derived": True,
        },
    ],
    "vitals": [
        {
            "code": "temperature",
            "vi": "Thân nhiệt",
            "en": "Temperature",
            "unit": "°C",
            "scale": 10,
            "below": 355,
            "above": 375,
        },
        {"code": "pulse", "vi": "Mạch", "en": "Pulse", "unit": "lần/phút", "scale": 1, "below": 60, "above": 100},
        {
            "code": "systolic",
            "vi": "Huyết áp tâm thu",
            "en": "Systolic pressure",
            "unit": "mmHg",
            "scale": 1,
            "below": 90,
            "above": 140,
        },
        {
            "code": "diastolic",
            "vi": "Huyết áp tâm trương",
            "en": "Diastolic pressure",
            "unit": "mmHg",
            "scale": 1,
            "below": 60,
            "above": 90,
        },
        {"code": "resp_rate", "vi": "Nhịp thở", "en": "Breaths", "unit": "lần/phút", "scale": 1, "above": 25},
    ],
}


def screening(**changes):
    """The form page's data."""
    blank = {"answers": {}, "vitals": {}, "notes": {}, "guardian": {}, "consent": "", "errors": {}}
    return {"person": PERSON, "form": FORM, **blank, **changes}


def concluded(derived="caution", **changes):
    """The conclusion page's data."""
    return {
        "person": PERSON,
        "derived": derived,
        "because": [FORM["items"][7]],
        "outside": [],
        "options": ["contraindicated", "defer", "refer_hospital", "caution", "eligible"],
        "consent": True,
        "form": "4355/QĐ-BYT",
        "untils": [
            {"word": "later_today", "day": "2021-10-03", "shown": "03/10/2021"},
            {"word": "tomorrow", "day": "2021-10-04", "shown": "04/10/2021"},
            {"word": "two_weeks", "day": "2021-10-17", "shown": "17/10/2021"},
            {"word": "three_months", "day": "2022-01-01", "shown": "01/01/2022"},
            {"word": "unsaid", "day": "", "shown": ""},
        ],
        "asked": "",
        "chosen": derived,
        "reason": "",
        **changes,
    }
