// What is known about the words of Latin names: short forms that stand for a longer name (Bob and Robert, Uli and Ulrich),
// and words that tell generations apart (Jr, Sr, III).
//
// A short form may stand for several names (Bert is Albert, Herbert or Robert), so two names are one where they have a
// name in common for which both may stand. The names are common knowledge of English, German and Spanish usage.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace enishi {

namespace detail {

// A name and its short forms.
inline constexpr std::string_view short_forms[] = {
    "abigail abby gail", "abraham abe", "agnes aggie nessa", "albert al bert bertie", "alexander alex alec sasha sandy",
    "alexandra alex sandra sasha sandy", "alfred al alf alfie fred", "amanda mandy", "andreas andi", "andrew andy drew",
    "angela angie", "angelika geli", "anna anni annie", "annemarie anne", "anthony tony", "antonio toni tonio",
    "anton toni", "arthur art artie", "augustus gus", "barbara babs barb barbie", "bartholomew bart",
    "benjamin ben benji benny", "bernard bernie", "bernhard bernd", "bertram bert", "brigitte gitta gitte",
    "calvin cal", "caroline carrie caro", "catherine cathy cat kate kathy katie", "charles charlie chas chuck",
    "charlotte charlie lotte lottie", "christian chris", "christina chris chrissy christa tina",
    "christine chris chrissie tina", "christopher chris kit topher", "clifford cliff", "cornelia conny nelly",
    "cynthia cindy", "daniel dan danny", "david dave davy", "deborah deb debbie debby", "dennis denny",
    "dietrich dieter", "dolores lola", "donald don donnie", "dorothea dora thea", "dorothy dot dottie",
    "douglas doug", "edmund ed ned", "edward ed eddie ned ted teddy", "edwin ed", "eleanor ellie nell nora",
    "elisabeth elise elli lisa lisbeth liesel sissi", "elizabeth beth betsy betty eliza libby lisa liz lizzie",
    "emanuel manny", "ernest ernie", "eugene gene", "evelyn eve", "ferdinand ferdi", "florence flo",
    "frances fran frankie", "francis frank", "francisco paco pancho", "frederick fred freddie fritz",
    "franziska franzi", "friedrich fritz fred", "gabriel gabe", "gabriele gabi", "geoffrey geoff jeff",
    "georg schorsch", "gerald gerry jerry", "gerhard gerd", "gertrud trude", "gregory greg", "guadalupe lupe",
    "gwendolyn gwen", "harold hal harry", "hannelore hanne lore", "heinrich heinz heiner", "helen nell", "helene leni",
    "henry hal hank harry", "herbert bert herb", "howard howie", "ignacio nacho", "isabella bella isa", "isabel izzy belle",
    "jacob jake", "jacqueline jackie", "james jim jimmy jamie", "jeffrey jeff", "jennifer jen jenny jennie",
    "jeremiah jerry", "jeremy jerry", "jerome jerry", "jessica jess jessie", "joachim achim jochen", "joan joanie",
    "johann hans", "johannes hans hannes jo", "john jack johnny jon", "jonathan jon jonny", "josef sepp seppi jupp",
    "jose pepe", "joseph joe joey", "josephine jo josie", "joshua josh", "judith judy", "juergen jogi",
    "karoline karo lina", "katharina kathi katja kathe kaethe", "katherine kate kathy katie kay kit kitty",
    "kathleen kathy katie", "kenneth ken kenny", "kimberly kim", "klaus nick", "kristina kris kristi tina",
    "lawrence larry laurie", "leonard len lenny leo", "leonhard leo", "leopold leo poldi", "lillian lil lilly",
    "lieselotte lilo lotte", "louis lou", "louise lou", "lucille lucy", "magdalena lena leni magda", "manuel manolo",
    "margaret greta maggie marge margie meg peg peggy", "margarete greta gretel grete", "maria mia mitzi",
    "martha marty mattie", "martin marty", "mary mamie molly polly", "matthew matt matty", "matthias matze hias",
    "maximilian max", "maxwell max", "melanie mel", "melissa missy mel", "michael mike mick mickey micky michi",
    "mildred millie", "mitchell mitch", "nancy nan", "natalie nat", "natalia natasha", "nathan nat nate",
    "nathaniel nat nate", "nicholas nick nicky", "nicole nicki nikki", "nikolaus klaus niko", "norbert bert",
    "oliver ollie", "olivia liv livvy", "pamela pam", "patricia pat patty tricia trish", "patrick pat paddy rick",
    "peter pete", "philip phil", "phillip phil", "phyllis phyl", "priscilla cilla", "rachel rae", "raymond ray",
    "rebecca becca becky", "reginald reg reggie", "reinhard hardy", "richard dick rich richie rick ricky",
    "robert bert bob bobbie bobby rob robbie robby", "roderick rod", "rodney rod", "roland roli", "ronald ron ronnie",
    "rosemarie rosi", "rosemary rosie", "rudolf rudi", "rudolph rudy", "russell russ", "salvatore sal", "samantha sam",
    "samuel sam sammy", "sandra sandy", "sarah sadie sally", "sebastian basti", "sophia sophie", "stanley stan",
    "stefan steff", "stefanie steffi", "stephanie steph stephie", "stephen steve stevie", "steven steve stevie",
    "stuart stu", "susan sue susie suzy", "susanne sanne susi", "suzanne sue suzy", "sylvester sly", "tamara tammy",
    "terence terry", "teresa terry tess tessa", "theodor theo", "theodore ted teddy theo", "theresa terry tess tessa resi",
    "therese resi", "thomas tom tommy", "timothy tim timmy", "tobias tobi", "ulrich uli ulli", "ulrike uli ulli",
    "ursula uschi ursel", "valerie val", "veronica ronnie vera", "victor vic", "victoria tori vicki vicky",
    "vincent vince vinny", "virginia ginger ginny", "walter walt wally", "waltraud traudl", "wilhelm willi willy helmi",
    "wilhelmine minna mina", "william bill billy liam will willie willy", "wolfgang wolf wolfi", "zachary zach zack",
};

// Every word of the list with the number of the name for which it may stand, sorted.
inline const std::vector<std::pair<std::string_view, uint16_t>> &names_meant() {
    static const auto all = [] {
        std::vector<std::pair<std::string_view, uint16_t>> found;
        uint16_t number = 0;
        for (std::string_view line : short_forms) {
            while (!line.empty()) {
                const size_t blank = std::min(line.find(' '), line.size());
                found.emplace_back(line.substr(0, blank), number);
                line.remove_prefix(std::min(blank + 1, line.size()));
            }
            ++number;
        }
        std::sort(found.begin(), found.end());
        return found;
    }();
    return all;
}

template <class Visit>
void each_name_meant(std::string_view word, Visit visit) {
    const auto &all = names_meant();
    const auto before = [](const auto &entry, std::string_view sought) { return entry.first < sought; };
    for (auto at = std::lower_bound(all.begin(), all.end(), word, before); at != all.end() && at->first == word; ++at) {
        visit(at->second);
    }
}

}  // namespace detail

// Whether two words stand for one given name.
inline bool one_given_name(std::string_view a, std::string_view b) {
    bool common = false;
    detail::each_name_meant(a, [&](uint16_t left) {
        detail::each_name_meant(b, [&](uint16_t right) { common = common || left == right; });
    });
    return common;
}

// Bits of which two words that stand for one given name have one in common; 0 where nothing is known of the word.
inline uint32_t marks_of_given_name(std::string_view word) {
    uint32_t marks = 0;
    detail::each_name_meant(word, [&](uint16_t name) { marks |= 1u << (name * 7 % 31); });
    return marks;
}

// Which of the bearers of one name a word says somebody is: 1 the father, 2 the son, 3 the grandson, ...; 0: no such word.
inline uint8_t generation(std::string_view word) {
    static constexpr std::pair<std::string_view, uint8_t> words[] = {
        {"sr", 1}, {"snr", 1}, {"senior", 1}, {"jr", 2}, {"jnr", 2}, {"junior", 2}, {"ii", 2}, {"iii", 3}, {"iv", 4},
    };
    for (const auto &[each, which] : words) {
        if (each == word) return which;
    }
    return 0;
}

// The same of a name that ends so.
inline uint8_t generation_of(std::string_view name) {
    const size_t blank = name.rfind(' ');
    return blank == name.npos ? 0 : generation(name.substr(blank + 1));
}

}  // namespace enishi
