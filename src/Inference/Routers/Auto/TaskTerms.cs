namespace Fairlead.Inference.Routers.Auto;

/// <summary>
/// The words the built-in classifier knows, and what each is worth. 3 is enough by itself, 2 and 1 need company; a pair of words is looked up beside its two
/// words. Pairs with a minus take back what one of their words means elsewhere (a zip code is no code).
/// </summary>
internal static class TaskTerms
{
    private const string Code3 = """
        javascript typescript golang c++ c# kotlin php haskell powershell html css sql mysql postgres postgresql sqlite mongodb redis graphql regex regexp numpy
        pytest django fastapi node.js nodejs npm webpack docker dockerfile kubernetes kubectl terraform ansible stacktrace traceback segfault nullpointerexception
        typeerror mutex debugger codebase refactor refactoring pseudocode webhook middleware microservice microservices stdout stdin hashmap leetcode dataframe
        nullable goroutine goroutines nginx vba makefile cmake asp.net .net linq jquery svelte laravel symfony pydantic sqlalchemy async/await usestate valueerror
        keyerror indexerror undefined kompilieren déboguer débogage compilateur depurar veritabanı eslint gradle maven xcode jwt oauth websocket websockets grpc
        protobuf crud elixir clojure fortran cobol assembler dotnet lambdas decorator tailwind next.js vue.js arduino vscode intellij quicksort dijkstra pytorch
        tensorflow scikit-learn opencv selenium beautifulsoup vercel netlify toml utf-8 base64 md5 sha256 yaml stringify datagrip matplotlib jupyter بايثون python
        perl git github gitlab compiler debug debugging async api apis backend frontend parser recursion enum struct boolean database programming repo localhost cli
        json bash código codice skript skrypt datenbank fehlermeldung programación programação bucle polymorphism tokenizer parse parsing serialize iframe sdk
        multithreading tcp udp ssh deque lua lisp closures navbar one-liner dockerize kodum dataframes subprocess stacktraces commit's changelog monorepo codegen
        rustc gcc clang cargo pip virtualenv venv devops openapi swagger restful dropdown checkbox tooltip z-index flexbox viewport postman elasticsearch rabbitmq
        mqtt firebase supabase bytecode decompile malloc printf parameterized upsert subquery subqueries
        """;

    private const string Code3Pairs = """
        pull request|merge conflict|merge conflicts|git rebase|unit test|unit tests|stack trace|segmentation fault|null pointer|null reference|syntax error|memory leak|dependency injection|
        source code|pseudo code|code review|code snippet|rest api|web scraper|shell script|bash script|python script|linked list|foreign key|left join|inner join|borrow checker|in python|
        using python|python function|python code|java code|java class|java program|python program|python class|react component|react hook|react hooks|in ruby|cron job|file upload|
        environment variable|environment variables|time complexity|binary tree|type error|type hints|c program|code in|this code|write code|my code|the code|rust program|in javascript|
        reguläre ausdrücke|regulären ausdruck|expression régulière|expresión regular|espressione regolare|expressão regular|database schema|design pattern|stored procedure|
        command line|list comprehension|data structure|data structures|android app|ios app|python list|python dict|excel macro|try catch|for loop|while loop|in c|in swift|in rust|in kotlin|git push|git commit|git merge|git stash|git log|git reset|
        spring boot|s3 bucket|vs code|sorting algorithm|bubble sort|merge sort|breadth-first search|depth-first search|github actions|nested loop|nested loops|excel formula|
        sliding window|apps script|loop infinito|media query|react app|application react|in react|vue component|module not|
        github action|null check|type inference|unit testing|integration test|integration tests|stack frame|code review|query plan|thread pool|http request|http server|git branch|my function|my script|the compiler
        """;

    private const string Code2 = """
        endpoint recursive iterator constructor laço fonksiyon algorithm algorithms deserialize concurrency deadlock rebase kafka aws vim xml heroku mock sidebar
        macro iterate iterators boucle schleife döngü commits lint linter patch semaphore scheduler daemon kernel hook hooks render rendering rerender component
        components container containers cluster pipeline ci build.gradle namespace typecast cast casting overflow underflow
        """;

    private const string Code2Pairs = "feature branch|stack overflow|lambda function|binary search|big o|base de|banco de|race condition|in java|in go|mobile app|web app|hash map|hash table|primary key|sort function|dynamic programming|call stack";

    private const string Code1 = """
        java rust swift ruby function functions method class classes variable variables loop loops string strings bug bugs error errors exception script code program
        programmer developer software app deploy server query schema migration lambda interface pointer import module repository commit branch ubuntu index object
        field column row rows table file files folder path implement endpoint's await login button page website test tests funktion funktionen klasse abfrage methode
        función fonction requête fichier funzione função kod functie funkcję funkcja zapytanie programm programme programma programa clase classe datei consulta
        zmienna fichiers lista liste log logs install update config settings dns ssl tls heap hash unity markdown cloud برنامج scala pandas react snippet array arrays
        compile csv deployment runtime inheritance cache crash crashes timeout plugin framework boilerplate template generics closure callback socket thread threads
        latex linux rails angular unicode flask prisma playwright dictionary range port listening spreadsheet responsive ciclo fibonacci archivo archivos hata dosya
        process output input validate validation format response request requests client argument arguments parameter parameters return returns exit terminal shell
        binary
        """;

    private const string Math3 = """
        polynomial theorem lemma eigenvalue eigenvalues eigenvector calculus algebra trigonometry logarithm permutation permutations combinatorics gcd lcm divisible
        hypotenuse circumference perimeter parabola asymptote bayes ecuación derivada équation dérivée intégrale gleichung ableitung equação equazione integrale
        teilbar równanie pochodna denklem türev уравнение интеграл производную производная quadratic isosceles bijection homomorphism antiderivative inequality
        congruent modulo subgroup primzahl primzahlen integrals hessian jacobian poisson binomial gleichungen ecuaciones vergelijking eigenvectors diagonalizable
        summation factorial polynomials quotient differentiable differentiability injective surjective bijective antiderivatives cubic coprime quadrilateral trapezoid
        rhombus octagon icosahedron factorials
        """;

    private const string Math3Pairs = """
        differential equation|differential equations|prime number|prime numbers|standard deviation|expected value|square root|cube root|taylor series|geometric series|arithmetic sequence|
        complex number|complex numbers|confidence interval|greatest common|raíz cuadrada|racine carrée|raiz quadrada|radice quadrata|квадратный корень|proof by|compound interest|
        solve for|percent of|divided by|multiplied by|average speed|real numbers|rational number|linear system|system of|word problem|vector space|real-valued|nombres premiers|números primos|numeri primi|linear algebra|fair coin|without replacement|infinitely many|original price|quanto fa|combien font|was ergibt|equals to|per cent|average of|mean of|least common|common multiple|common factor
        """;

    private const string Math2 = """
        integral derivative equation equations matrices determinant geometry cosine sine exponent probability variance integers divisor remainder fraction fractions
        percentage triangle subtract multiply radius converge convergence arithmetic probabilidad probabilité wahrscheinlichkeit probabilidade probabilità
        prawdopodobieństwo olasılık вероятность треугольник triángulo dreieck triângulo triangolo trójkąt porcentaje pourcentage prozent porcentagem percentuale
        oblicz hesapla докажи вычисли matriz matrice démontre démontrer demuestra beweise dimostra prove isometry rectangle cube sphere cylinder polygon dice
        bernoulli gaussian quadratwurzel wurzel differentiate simplify sqrt mph km/h afgeleide lim integrate ln log2 laplace fourier stochastic markov slope tangent
        perpendicular primes cone prism pyramid numerator denominator coefficient coefficients converges diverges bounded monotone invert inverse additive
        multiplicative exponential quartic root squared cubed durchschnitt
        """;

    private const string Math1 = """
        calculate compute calcula calcular calcule calculer calcola berechne berechnen bereken cuántos cuántas combien quantos quantas quanti quante ile сколько
        посчитай kaç hoeveel solve résous résoudre resuelve resolva risolvi löse proof integer matrix vector mean median average percent sum product ratio circle
        diameter angle sequence series limit minus plus total each number numbers decimal digit digits formula speed distance volume odds equal equals kans wortel
        yüzde процент решить реши factor graph sin cos tan pi gradient vertex interest profit mortgage litres liters würfel würfeln münze dados dés dadi zar drawn
        cards marbles balls coins chance replacement consecutive kg km cm litre liter metres meters miles ladder tank pool price discount vat tax iva solution
        solutions unknown unknowns
        """;

    // Pairs with a value of their own, and what a word does not mean in this company.
    private static readonly (string Pair, int Code, int Math)[] Elsewhere =
    [
        ("zip code", -3, 0), ("dress code", -3, 0), ("area code", -3, 0), ("promo code", -3, 0), ("discount code", -3, 0), ("penal code", -3, 0), ("building code", -3, 0), ("tax code", -3, 0),
        ("morse code", -2, 0), ("qr code", -1, 0), ("postal code", -3, 0), ("civil code", -3, 0), ("movie script", -2, 0), ("film script", -2, 0), ("pet python", -4, 0), ("ball python", -4, 0),
        ("monty python", -4, 0), ("python snake", -4, 0), ("giant pandas", -3, 0), ("red pandas", -3, 0), ("taylor swift", -2, 0), ("java island", -3, 0), ("java coffee", -3, 0),
        ("integral part", 0, -3), ("derivative work", 0, -3), ("derivative works", 0, -3), ("prime minister", 0, -2), ("the matrix", 0, -1), ("mean girls", 0, -2), ("love triangle", 0, -3),
        ("in general", 0, -1), ("social graph", 0, -1), ("how many", 0, 1), ("wie viele", 0, 1), ("area of", 0, 2), ("fair die", 0, 2), ("probability of", 0, 1), ("the probability", 0, 1), ("sum of", 0, 1), ("odd numbers", 0, 2), ("even numbers", 0, 2),
        ("twice as", 0, 1), ("times as", 0, 1), ("as old", 0, 1), ("add up", 0, 1), ("roots of", 0, 2), ("per hour", 0, 1), ("null hypothesis", 0, 2), ("scientific notation", 0, 2), ("python bite", -4, 0), ("git along", -2, 0), ("ruby wedding", -2, 0), ("ruby ring", -2, 0),
        ("bermuda triangle", 0, -3), ("family tree", -1, 0), ("test results", -1, 0), ("the odds", 0, -1), ("average person", 0, -1), ("speed dating", 0, -2),
        ("table manners", -2, 0), ("first class", -1, 0), ("math teacher", 0, -1), ("code of", -2, 0), ("python enclosure", -4, 0), ("zebra python", -4, 0), ("burmese python", -4, 0), ("algebra exam", 0, -3), ("math exam", 0, -2), ("not found", 1, 0), ("function that", 1, 0), ("method that", 1, 0),
        ("query that", 2, 0), ("script that", 1, 0), ("program that", 1, 0), ("the price", 0, -1), ("price of", 0, -1), ("history of", 0, -1), ("tax return", -1, -1), ("in return", -1, 0), ("return policy", -1, 0), ("birth rate", 0, -1), ("framework agreement", -2, 0), ("in c", -1, 0),
    ];

    // Scripts without spaces, and words whose ends change: found anywhere in the text.
    private static readonly (string Phrase, int Code, int Math)[] Anywhere =
    [
        ("爬虫", 3, 0), ("服务器", 2, 0), ("前端", 3, 0), ("后端", 3, 0), ("线程", 3, 0), ("组件", 3, 0), ("框架", 2, 0), ("部署", 2, 0), ("字符串", 3, 0), ("文件", 1, 0), ("网页", 1, 0), ("爬取", 3, 0), ("链接", 1, 0), ("软件", 1, 0),
        ("相遇", 0, 3), ("几小时", 0, 2), ("公里", 0, 1), ("圆", 0, 1), ("函数", 2, 0), ("代码", 3, 0), ("编程", 3, 0), ("程序", 2, 0), ("脚本", 3, 0), ("报错", 3, 0), ("数据库", 2, 0), ("循环", 1, 0), ("数组", 3, 0), ("变量", 2, 0), ("编译", 3, 0), ("接口", 2, 0),
        ("正则", 3, 0), ("算法", 2, 0), ("调试", 3, 0), ("方程", 0, 3), ("导数", 0, 3), ("定积分", 0, 3), ("概率", 0, 3), ("证明", 0, 2), ("矩阵", 0, 2), ("三角形", 0, 3), ("计算", 0, 2), ("多少", 0, 1),
        ("平方根", 0, 3), ("质数", 0, 3), ("面积", 0, 2), ("求", 0, 1),
        ("コンポーネント", 3, 0), ("文字列", 3, 0), ("メソッド", 3, 0), ("バグ", 3, 0), ("非同期", 3, 0), ("ループ", 2, 0), ("サーバー", 2, 0), ("ファイル", 1, 0), ("ボタン", 1, 0), ("クラス", 1, 0), ("倍数", 0, 3), ("整数", 0, 2), ("コード", 2, 0), ("関数", 2, 0), ("プログラム", 2, 0), ("スクリプト", 3, 0), ("エラー", 2, 0), ("データベース", 2, 0), ("配列", 3, 0), ("変数", 1, 0), ("コンパイル", 3, 0), ("正規表現", 3, 0),
        ("デバッグ", 3, 0), ("実装", 2, 0), ("方程式", 0, 3), ("積分", 0, 3), ("微分", 0, 3), ("確率", 0, 3), ("三角形の", 0, 1), ("計算", 0, 2), ("何通り", 0, 3), ("平方根", 0, 3), ("素数", 0, 3), ("面積", 0, 2),
        ("求めて", 0, 1), ("코드", 2, 0), ("함수", 2, 0), ("스크립트", 3, 0), ("오류", 1, 0), ("에러", 2, 0), ("데이터베이스", 2, 0), ("배열", 3, 0), ("컴포넌트", 3, 0), ("리액트", 3, 0), ("렌더링", 2, 0), ("문자열", 3, 0), ("메서드", 3, 0), ("버그", 3, 0), ("반복문", 3, 0), ("서버", 2, 0), ("파일", 1, 0), ("컴파일", 3, 0), ("정규식", 3, 0), ("구현", 2, 0),
        ("파이썬", 3, 0), ("자바스크립트", 3, 0), ("방정식", 0, 3), ("적분", 0, 3), ("미분", 0, 3), ("확률", 0, 3), ("삼각형", 0, 3), ("계산", 0, 2), ("제곱근", 0, 3), ("넓이", 0, 2), ("구하시오", 0, 3), ("몇", 0, 1),
        ("функци", 1, 0), ("скрипт", 3, 0), ("программ", 2, 0), ("массив", 3, 0), ("коммит", 3, 0), ("репозитор", 3, 0), ("питон", 2, 0), ("сервер", 1, 0), ("переменн", 2, 0), ("класс", 1, 0), ("углов", 0, 2), ("сумм", 0, 1), ("числ", 0, 1), ("баз данных", 2, 0), ("базы данных", 2, 0), ("базе данных", 2, 0), ("компил", 3, 0), ("регулярн", 2, 0), ("ошибк", 1, 0),
        ("bazy danych", 2, 0), ("bazę danych", 2, 0), ("how many ways", 0, 2), ("кубик", 0, 1), ("код ", 1, 0), ("уравнени", 0, 2), ("производн", 0, 1), ("вероятност", 0, 2), ("треугольник", 0, 2), ("сколько", 0, 1), ("докаж", 0, 1),
        ("كود", 3, 0), ("برمجة", 3, 0), ("دالة", 2, 0), ("قاعدة بيانات", 3, 0), ("مصفوفة", 2, 0), ("معادلة", 0, 3), ("احتمال", 0, 2), ("احسب", 0, 3), ("مثلث", 0, 2), ("تكامل", 0, 2),
        ("कोड", 3, 0), ("फ़ंक्शन", 2, 0), ("फंक्शन", 2, 0), ("प्रोग्राम", 2, 0), ("समीकरण", 0, 3), ("प्रायिकता", 0, 3), ("त्रिभुज", 0, 3), ("प्रतिशत", 0, 2), ("क्षेत्रफल", 0, 3), ("गणना", 0, 1), ("कितने", 0, 1),
    ];

    /// <summary>Words that ask for a number; a text with two numbers and one of them is a calculation.</summary>
    public static readonly string[] Asking =
    [
        "how many", "how much", "how far", "how fast", "how long does it take", "how long will", "what is the total", "what percentage", "% of", "how old", "cuánto", "cuánta", "combien", "wie viel",
        "wieviel", "quanto", "quanti", "quante", "сколько", "ile ", "hoeveel", "kaç", "多少", "いくつ", "いくら", "몇", "얼마", "كم ", "कितन", "average speed", "what fraction", "was ist", "what's the sum", "calculate",
        "what is the probability", "何人", "何分", "何円", "何時間", "何メートル", "à quelle vitesse", "a qué velocidad", "how high", "how tall", "how wide", "how deep", "how heavy", "how many hours", "what was the original", "wie schnell", "wie hoch", "wie weit", "wie lange braucht",
        "what is the area", "what is the volume", "quanto fa", "сколько будет", "how long is", "what is the probability", "what's the chance", "what's the probability", "what are the chances", "cuánto es", "wie viel ist", "find the",
    ];

    /// <summary>Words and pairs of neighbouring words, in lower case.</summary>
    public static readonly Dictionary<string, Score> Words = Build();

    /// <summary>What is looked for anywhere.</summary>
    public static readonly (string Phrase, Score Value)[] Phrases = [.. Anywhere.Select(static one => (one.Phrase, new Score(one.Code, one.Math)))];

    private static Dictionary<string, Score> Build()
    {
        var words = new Dictionary<string, Score>(StringComparer.Ordinal);
        Add(words, Code3.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), new Score(3, 0));
        Add(words, Pairs(Code3Pairs), new Score(3, 0));
        Add(words, Code2.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), new Score(2, 0));
        Add(words, Pairs(Code2Pairs), new Score(2, 0));
        Add(words, Code1.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), new Score(1, 0));
        Add(words, Math3.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), new Score(0, 3));
        Add(words, Pairs(Math3Pairs), new Score(0, 3));
        Add(words, Math2.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), new Score(0, 2));
        Add(words, Math1.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), new Score(0, 1));
        Add(words, Elsewhere);
        return words;
    }

    private static string[] Pairs(string text) => text.ReplaceLineEndings(" ").Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void Add(Dictionary<string, Score> words, IEnumerable<string> terms, Score value)
    {
        foreach (var term in terms)
            words[term] = words.GetValueOrDefault(term) + value;
    }

    private static void Add(Dictionary<string, Score> words, IEnumerable<(string Pair, int Code, int Math)> terms)
    {
        foreach (var (pair, code, math) in terms)
            words[pair] = words.GetValueOrDefault(pair) + new Score(code, math);
    }
}
