// Recommends after the raw ids in its arguments, and runs the page's test. The properties `last` and `now` are times.

import android.content.res.AssetManager
import org.junit.runner.JUnitCore

fun main(history: Array<String>) {
    Recommender(AssetManager(System.getProperty("assets")), "bundle").use { recommender ->
        val last = System.getProperty("last")?.toLong()
        val now = System.getProperty("now")?.toLong()
        val items = history.toList()
        val answer = if (now == null) recommender.recommend(items) else recommender.recommend(items, last, now)
        for (item in answer) println("${item.id}\t${item.title}\t${item.score}")
    }
    val result = JUnitCore.runClasses(GoldenTest::class.java)
    println("${result.runCount} tests")
    for (failure in result.failures) println("failed: $failure")
}
