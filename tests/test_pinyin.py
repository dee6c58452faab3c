"""pinyin: names as they are typed; expected readings are those of the Xiandai Hanyu Cidian."""

from plananalysis.base.pinyin import syllables


def test_a_character_is_read_as_its_word_says():
    assert syllables("孕产妇死亡率") == ["yun", "chan", "fu", "si", "wang", "lv"]
    assert syllables("银行") == ["yin", "hang"] and syllables("行政") == ["xing", "zheng"]
    assert syllables("重庆市")[:2] == ["chong", "qing"] and syllables("重要")[0] == "zhong"
    assert "jun" in syllables("人均") and "lv" in syllables("女性") + syllables("比率")


def test_letters_and_figures_stay_and_marks_go():
    assert syllables("HIV检测（≥98%）") == ["hiv", "jian", "ce", "98"]
    assert syllables("") == [] == syllables("，。")
