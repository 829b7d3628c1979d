// What is known about the words of Latin names: short forms that stand for a longer name (Bob and Robert, Uli and Ulrich),
// and words that tell generations apart (Jr, Sr, III).
//
// A short form may stand for several names (Bert is Albert, Herbert or Robert), so two names are one where they have a
// name in common for which both may stand. The names are common knowledge of English, German, Spanish, Italian, Russian, Polish and Greek
// usage; of those in another alphabet the usual Latin spellings stand beside each other.
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
    "abigail abby gail", "abraham abe", "agnes aggie nessa", "agnieszka aga", "albert al bert bertie",
    "alejandro ale alex", "alessandro sandro", "alexander alex alec sasha sandy aleksandr alexandr sanya shura",
    "alexandra alex sandra sasha sandy aleksandra shura", "alexei aleksei alexey aleksey alyosha lyosha",
    "alfred al alf alfie fred", "allison ali allie", "amanda mandy", "anastasia anastasiya nastya", "andreas andi",
    "andrew andy drew", "angela angie", "angelika geli", "anna anni annie anya", "annemarie anne", "anthony tony",
    "anton toni", "antonio toni tonio", "arthur art artie", "augustus gus", "barbara babs barb barbie basia",
    "bartholomew bart", "benjamin ben benji benny", "bernard bernie", "bernhard bernd", "bertram bert",
    "bradley brad", "brigitte gitta gitte", "calvin cal", "caroline carrie caro", "cassandra cassie",
    "catherine cathy cat kate kathy katie", "charles charlie chas chuck", "charlotte charlie lotte lottie",
    "christian chris", "christina chris chrissy christa tina", "christine chris chrissie tina",
    "christopher chris kit topher", "clifford cliff", "concepcion concha conchita", "cornelia conny nelly",
    "cynthia cindy", "daniel dan danny", "daria darya dasha", "david dave davy", "deborah deb debbie debby",
    "dennis denny", "dietrich dieter", "dimitrios dimitris", "dmitri dmitry dmitriy dima mitya", "dolores lola",
    "domenico mimmo", "donald don donnie", "dorothea dora thea", "dorothy dot dottie", "douglas doug",
    "edmund ed ned", "eduardo edu lalo", "edward ed eddie ned ted teddy", "edwin ed", "ekaterina yekaterina katya",
    "eleanor ellie nell nora", "elena eleni yelena helen lena", "elisabeth elise elli lisa lisbeth liesel sissi",
    "elizabeth beth betsy betty eliza libby lisa liz lizzie bess bessie lizzy", "emanuel manny", "emily em emmy",
    "emmanuel manu", "enrique kike quique", "ernest ernie", "eugene gene", "evelyn eve",
    "evgeny evgeni yevgeny zhenya", "ferdinand ferdi", "fernando nando", "florence flo", "frances fran frankie",
    "francesco franco", "francis frank", "francisco paco pancho chico", "franziska franzi", "frederic fred",
    "frederick fred freddie fritz", "friedrich fritz fred", "gabriel gabe", "gabriele gabi", "gabrielle gabby",
    "geoffrey geoff jeff", "georg schorsch", "georgios giorgos george", "gerald gerry jerry", "gerhard gerd",
    "gertrud trude", "giovanni gianni vanni", "giuseppe beppe peppe pino", "gregory greg", "grigory grigori grisha",
    "guadalupe lupe", "guillermo memo", "gwendolyn gwen", "hannelore hanne lore", "harold hal harry",
    "heinrich heinz heiner", "helen nell", "helene leni", "henry hal hank harry", "herbert bert herb", "howard howie",
    "ignacio nacho", "ioannis giannis yannis john", "irina ira", "isabel izzy belle", "isabella bella isa",
    "ivan vanya", "jacob jake", "jacqueline jackie", "james jim jimmy jamie", "jeffrey jeff",
    "jennifer jen jenny jennie", "jeremiah jerry", "jeremy jerry", "jerome jerry", "jessica jess jessie",
    "joachim achim jochen", "joan joanie", "joanna asia", "johann hans", "johannes hans hannes jo",
    "john jack johnny jon", "jonathan jon jonny", "jose pepe", "josef sepp seppi jupp", "joseph joe joey",
    "josephine jo josie", "joshua josh", "judith judy", "juergen jogi", "karoline karo lina", "katarzyna kasia",
    "katharina kathi katja kathe kaethe", "katherine kate kathy katie kay kit kitty kat", "kathleen kathy katie",
    "kathryn kate kathy katie", "kenneth ken kenny", "kimberly kim", "klaus nick", "konstantin kostya",
    "konstantinos kostas", "kristina kris kristi tina", "krzysztof krzysiek", "lawrence larry laurie",
    "leonard len lenny leo", "leonhard leo", "leopold leo poldi", "lieselotte lilo lotte", "lillian lil lilly",
    "lorenzo renzo", "louis lou", "louise lou", "lucille lucy", "lyudmila ludmila lyuda", "magdalena lena leni magda",
    "malgorzata gosia", "manuel manolo", "margaret greta maggie marge margie meg peg peggy",
    "margarete greta gretel grete", "maria mia mitzi masha", "martha marty mattie", "martin marty",
    "mary mamie molly polly", "matthew matt matty", "matthias matze hias", "maximilian max", "maxwell max",
    "melanie mel", "melissa missy mel", "michael mike mick mickey micky michi", "michelle chelle shelly",
    "mikhail misha", "mildred millie", "mitchell mitch", "muhammad mohammed mohamed mohammad muhammed", "nancy nan",
    "natalia natasha natalya nata", "natalie nat", "nathan nat nate", "nathaniel nat nate", "nicholas nick nicky",
    "nicolas nico", "nicole nicki nikki", "nikolai nikolay kolya", "nikolaos nikos", "nikolaus klaus niko",
    "norbert bert", "olga olya", "oliver ollie", "olivia liv livvy", "pamela pam", "panagiotis panos",
    "patricia pat patty tricia trish", "patrick pat paddy rick", "pavel pasha", "penelope penny", "peter pete",
    "philip phil", "philippe phil", "phillip phil", "phyllis phyl", "piotr piotrek", "priscilla cilla",
    "pyotr petr petya", "rachel rae", "rafael rafa", "randall randy", "raymond ray", "rebecca becca becky",
    "reginald reg reggie", "reinhard hardy", "richard dick rich richie rick ricky",
    "robert bert bob bobbie bobby rob robbie robby", "roberto beto", "roderick rod", "rodney rod", "roland roli",
    "ronald ron ronnie", "rosario charo", "rosemarie rosi", "rosemary rosie", "rudolf rudi", "rudolph rudy",
    "russell russ", "salvatore sal", "samantha sam", "samuel sam sammy", "sandra sandy", "santiago santi",
    "sarah sadie sally", "sebastian basti", "sergei sergey serguei seryozha", "sofia sofya sonya", "sophia sophie",
    "stanislav slava stas", "stanley stan", "stefan steff", "stefanie steffi", "stephanie steph stephie",
    "stephen steve stevie", "steven steve stevie", "stuart stu", "susan sue susie suzy", "susanne sanne susi",
    "suzanne sue suzy", "svetlana sveta", "sylvester sly", "tamara tammy", "tatiana tatyana tanya", "terence terry",
    "teresa terry tess tessa", "theodor theo", "theodore ted teddy theo", "theresa terry tess tessa resi",
    "therese resi", "thomas tom tommy", "tiffany tiff", "timothy tim timmy", "tobias tobi", "tomasz tomek",
    "ulrich uli ulli", "ulrike uli ulli", "ursula uschi ursel", "valerie val", "vasily vasili vasya",
    "veronica ronnie vera", "vicente chente", "victor vic", "victoria tori vicki vicky", "viktor vitya",
    "vincent vince vinny", "vincenzo enzo", "virginia ginger ginny", "vladimir volodya vova wladimir",
    "vladislav slava vlad", "vyacheslav slava", "walter walt wally", "waltraud traudl", "wilhelm willi willy helmi",
    "wilhelmine minna mina", "william bill billy liam will willie willy", "wojciech wojtek", "wolfgang wolf wolfi",
    "yuri yury iurii yura", "zachary zach zack",
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

// The same of a name in which such a word stands behind the family name: last, or before the given names.
inline uint8_t generation_within(std::string_view name) {
    for (size_t blank = name.find(' '); blank != name.npos;) {
        const size_t from = blank + 1;
        blank = name.find(' ', from);
        if (const uint8_t which = generation(name.substr(from, blank - from))) return which;
    }
    return 0;
}

}  // namespace enishi
