// Kanji that are written in several ways: 斎藤, 齋藤 and 斉藤; 渡辺, 渡邊 and 渡邉; 高橋 and 髙橋.
//
// Old and new forms are those of OpenCC's table of Japanese characters (JPShinjitaiCharacters, Apache-2.0), without two
// whose old form is a word of its own; the forms that registers of names have beside them (髙, 﨑, 邉, 濵, 𠮷, ...) are
// added by hand. What NFKC already makes one, the compatibility ideographs, is not here. In a name of Han characters a
// variant is another spelling, not another person, but less than the same spelling: so it is a level of its own.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "near.hpp"

namespace enishi {

// One group between blanks; its first character stands for all.
inline constexpr std::string_view kanji_variant_groups =
    "万萬 与與 両兩 並竝 乗乘 乱亂 亀龜 予豫 争爭 亘亙 亜亞 仏佛 仮假 会會 伝傳 体體 余餘 併倂 侠俠 価價 値值 "
    "倶俱 倹儉 偽僞 兎兔 児兒 党黨 内內 円圓 写寫 凜凛 処處 刹剎 剣劍 剤劑 剰剩 励勵 労勞 効效 勅敕 勧勸 勲勳 "
    "匀勻 区區 医醫 単單 即卽 却卻 厠廁 厳嚴 参參 双雙 収收 叙敍敘 台臺 号號 呉吳 呪咒 唇脣 唖啞 営營 嘘噓 嘱囑 "
    "噛嚙 団團 囲圍 図圖 国國 圏圈 圧壓 堕墮 塁壘 塡填 䀋鹽塩 増增 壊壞 壌壤 壮壯 声聲 壱壹 売賣 変變 奥奧 奨奬獎 "
    "姉姊 姫姬 嬢孃 学學 宝寶 実實 寛寬 寝寢 対對 寿壽 専專 将將 尭堯 尽盡 届屆 属屬 岳嶽 峡峽 峰峯 巌巖 巣巢 "
    "巻卷 帯帶 帰歸 庁廳 広廣 床牀 廃廢 弁辨辯瓣 弐貳 弥彌 弯彎 弾彈 当當 彦彥 径徑 従從 徳德 徴徵 応應 恋戀 恒恆 "
    "恵惠 悦悅 悩惱 悪惡 惨慘 慎愼 懐懷 戦戰 戯戲 戸戶 戻戾 払拂 抜拔 択擇 担擔 拝拜 拠據 拡擴 挙擧舉 挟挾 挿插 "
    "捜搜 掲揭 掴摑 掻搔 揺搖 摂攝 撃擊 撹攪 数數 断斷 旧舊 昼晝 晃晄 晋晉 晩晚 暁曉 暦曆 曁暨 曽曾 条條 来來 "
    "枢樞 査查 栄榮 桜櫻 桝枡 桟棧 桧檜 検檢 楡榆 楼樓 楽樂 概槪 様樣 槙槇 権權 横橫 欠缺 欧歐 歓歡 歩步 歯齒 "
    "歳歲 歴歷 残殘 殴毆 殻殼 毎每 気氣 氷冰 汚污 没沒 沢澤 沪濾 浄淨 浅淺 涙淚 涛濤 渇渴 済濟 渉涉 渋澁澀 渓溪 "
    "温溫 湾灣 湿濕溼 満滿 溌潑 滝瀧 滞滯 潜潛 瀬瀨 灯燈 炉爐 点點 為爲 焔焰 焼燒 煙菸 犠犧 状狀 独獨 狭狹 猟獵 "
    "猫貓 献獻 獣獸 瓶甁 産產 畳疊 画畫畵 痩瘦 痴癡 痺痹 発發 皐皋 盗盜 県縣 真眞 研硏 砕碎 砺礪 礼禮 祢禰 祷禱 "
    "禄祿 禅禪 秘祕 称稱 税稅 稜棱 稲稻 穂穗 穏穩 穣穰 窃竊 竃竈 竜龍 粋粹 粛肅 粧妝 粽糉 糸絲 経經 絵繪 絶絕 "
    "継繼 続續 総總 緑綠 緒緖 縁緣 縄繩 縦縱 繊纖 繋繫 繍繡 缶罐 群羣 翻飜 聡聰 聴聽 胆膽 脚腳 脱脫 脳腦 臓臟 "
    "舎舍 舖鋪舗 艶艷 芦蘆 芸藝 茎莖 茘荔 庄莊荘 莱萊 萌萠 葱蔥 蒋蔣 蔵藏 薫薰 薬藥 虚虛 虫蟲 蚕蠶 蛍螢 蛮蠻 蝉蟬 "
    "蝋蠟 衛衞 装裝 褒襃 覇霸 覚覺 覧覽 観觀 触觸 訳譯 証證 誉譽 説說 読讀 謡謠 譲讓 豊豐 賛贊 贋贗 践踐 転轉 "
    "軽輕 輌輛 辞辭 逓遞 連聯 遅遲 遥遙 郎郞 郷鄕鄉 酔醉 醗醱 醤醬 醸釀 釈釋 鉱鑛 銭錢 鋭銳 鋳鑄 錬鍊 録錄 鎮鎭 "
    "関關 閲閱 陥陷 険險 随隨 隠隱 隣鄰 雑雜 霊靈 静靜 頴穎 頼賴 顔顏 顕顯 餅餠 駅驛 駆驅駈 騒騷 験驗 髄髓 髪髮 "
    "闘鬭鬥鬪 鴎鷗 鶏鷄雞 鹸鹼 麦麥 麹麴 麺麵麪 黄黃 黒黑 黙默 鼈鱉 齢齡 高髙 崎﨑嵜 辺邊邉 斉齊斎齋 浜濱濵 "
    "島嶋嶌 吉𠮷 橋𣘺 桑桒 富冨 淵渕渊 館舘 藪薮 柳栁 秋穐 野埜 梅楳 柏栢 松枩柗 船舩 鉄鐵鐡 鶴靏靎 籠篭 博愽 "
    "昇曻 喜㐂 ";

// The standard form of each variant.
inline const std::unordered_map<uint32_t, uint32_t> &kanji_variants() {
    static const std::unordered_map<uint32_t, uint32_t> variants = [] {
        std::unordered_map<uint32_t, uint32_t> made;
        std::vector<uint32_t> points;
        detail::decode_utf8(kanji_variant_groups, points);
        uint32_t standard = ' ';
        for (const uint32_t point : points) {
            if (standard == ' ') {
                standard = point;
            } else if (point == ' ') {
                standard = ' ';
            } else {
                made.emplace(point, standard);
            }
        }
        return made;
    }();
    return variants;
}

// A hash of a text that is the same for all its variants.
class VariantHash {
  public:
    uint64_t operator()(std::string_view text) {
        detail::decode_utf8(text, points_);
        uint64_t h = 0x9e3779b97f4a7c15ULL + points_.size();
        for (const uint32_t point : points_) {
            const auto found = variants_.find(point);
            h = (h ^ (found == variants_.end() ? point : found->second)) * 0xff51afd7ed558ccdULL;
            h ^= h >> 32;
        }
        return h;
    }

  private:
    const std::unordered_map<uint32_t, uint32_t> &variants_ = kanji_variants();
    std::vector<uint32_t> points_;
};

}  // namespace enishi
